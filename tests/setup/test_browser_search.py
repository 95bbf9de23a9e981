"""A browser is found by any of its names, and without one the tests go on and say so; all browsers are played."""

import pytest

from tests.browser.demand import demand_browser
from tools import browser


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with nothing on it; a way to put programs on it."""

    class Machine:
        home = tmp_path / "home"
        log = tmp_path / "log"

        def add(self, path, lines):
            path = tmp_path / path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
            path.chmod(0o755)
            return str(path)

        def add_browser(self, path="bin/chromium", says="Chromium 150.0.1"):
            return self.add(path, f"echo '{says}'")

        def add_firefox(self):
            return self.add("bin/firefox-esr", "echo 'Mozilla Firefox 153.8.0esr'")

        def add_fonts(self, *languages):
            cases = "".join(f":lang={language}) echo Noto;; " for language in languages)
            self.add("bin/fc-list", f"case $1 in {cases}esac")

    for name in ("CHROMIUM", "FIREFOX", "PLAYWRIGHT_BROWSERS_PATH", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(Machine.home))
    monkeypatch.setattr(browser.time, "sleep", lambda _: None)
    monkeypatch.setattr(browser, "can_install", lambda: False)
    monkeypatch.setattr(browser.sys, "platform", "linux")
    return Machine()


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("bin/chromium", "Chromium 150.0.7 built on Debian GNU/Linux 12"),
        ("bin/chromium-browser", "Chromium 150.0.7 snap"),
        ("bin/google-chrome", "Google Chrome 150.0.7"),
        ("bin/google-chrome-stable", "Google Chrome 150.0.7"),
        ("bin/microsoft-edge", "Microsoft Edge 150.0.7"),
        ("home/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "Google Chrome 150.0.7"),
        ("home/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge", "Microsoft Edge 150.0.7"),
        ("home/.cache/ms-playwright/chromium-1200/chrome-linux64/chrome", "Chromium 150.0.7"),
        ("home/.cache/ms-playwright/chromium-1000/chrome-linux/chrome", "Chromium 120.0.7"),
        (
            "home/Library/Caches/ms-playwright/chromium-1200/chrome-mac-arm64/Google Chrome for Testing.app"
            "/Contents/MacOS/Google Chrome for Testing",
            "Google Chrome for Testing 150.0.7",
        ),
    ],
)
def test_a_browser_is_found_by_any_of_its_names(machine, path, says):
    assert browser.find() is None
    expected = machine.add_browser(path, says)
    assert browser.find() == expected


def test_the_newest_browser_of_playwright_is_taken(machine, monkeypatch):
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(machine.home / "own"))
    machine.add_browser("home/.cache/ms-playwright/chromium-9999/chrome-linux/chrome")
    machine.add_browser("home/own/chromium-1000/chrome-linux/chrome")
    newest = machine.add_browser("home/own/chromium-1200/chrome-linux/chrome")
    assert browser.find() == newest


def test_one_that_does_not_start_is_passed_over(machine):
    machine.add("bin/chromium", "echo 'Command requires the snap. Run: snap install chromium'; exit 1")
    machine.add("bin/chromium-browser", "echo not a browser")
    assert browser.find() is None
    good = machine.add_browser("bin/google-chrome", "Google Chrome 1")
    assert browser.find() == good


def test_the_one_that_is_named_is_used_and_no_other(machine, monkeypatch):
    machine.add_browser()
    monkeypatch.setenv("CHROMIUM", machine.add_browser("my own/chrome", "Google Chrome 1"))
    assert browser.find().endswith("/my own/chrome")
    monkeypatch.setenv("CHROMIUM", "/nowhere")
    assert browser.missing() == "no browser at CHROMIUM=/nowhere"


def test_fonts_for_both_languages_are_needed(machine):
    machine.add_browser()
    for languages in ((), ("zh-cn",), ("ja",)):
        machine.add_fonts(*languages)
        assert browser.missing() == "no fonts for Chinese and Japanese found"
    machine.add_fonts("zh-cn", "ja")
    assert browser.missing() is None


def test_macos_has_its_fonts(machine, monkeypatch):
    machine.add_browser()
    monkeypatch.setattr(browser.sys, "platform", "darwin")
    assert browser.missing() is None


def test_without_a_browser_the_rest_is_tested_and_the_last_line_says_so(machine, capsys):
    assert browser.main([]) == 0
    assert "no Chromium, Chrome or Edge found. Everything else is tested." in capsys.readouterr().out
    assert browser.main(["verdict"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "Passed, but NOT tested: the site in a browser (no Chromium, Chrome or Edge found)."


def test_with_a_browser_nothing_is_left_out(machine, capsys):
    paths = machine.add_browser(), machine.add_firefox()
    machine.add_fonts("zh-cn", "ja")
    assert browser.main(["--required"]) == 0
    assert capsys.readouterr().out == f"Browser tests: {', '.join(paths)}\n"
    browser.main(["verdict"])
    assert capsys.readouterr().out.startswith("Passed; left out is what needs clang, wasm-ld, jsc: ")
    for name in browser.OPTIONAL:
        machine.add(f"bin/{name}", "")
    browser.main(["verdict"])
    assert capsys.readouterr().out == "Passed: everything was tested.\n"


def test_without_firefox_the_last_line_says_so(machine, monkeypatch, capsys):
    machine.add_browser()
    machine.add_fonts("zh-cn", "ja")
    monkeypatch.setenv("FIREFOX", machine.add("bin/other", "echo 'Chromium 150'"))
    assert browser.find_firefox() is None
    assert browser.main(["verdict"]) == 0
    assert capsys.readouterr().out == "Passed, but NOT tested: the explorers in Firefox (no Firefox found).\n"
    assert browser.main(["--required"]) == 1


@pytest.mark.parametrize(("value", "status"), [("true", 1), ("1", 1), ("false", 0), ("0", 0), ("", 0)])
def test_ci_demands_the_browser(machine, monkeypatch, capsys, value, status):
    monkeypatch.setenv("CI", value)
    assert browser.main([]) == status
    assert ("demanded" in capsys.readouterr().err) == bool(status)


def test_an_option_demands_the_browser(machine, capsys):
    assert browser.main(["--required"]) == 1
    assert "CHROMIUM=/path" in capsys.readouterr().err


def test_an_unknown_option_is_refused(machine, capsys):
    assert browser.main(["--require"]) == 2
    assert "Usage" in capsys.readouterr().err


@pytest.fixture
def apt(machine, monkeypatch):
    """An apt that installs a browser and fonts once `busy` calls have met a lock."""
    monkeypatch.setattr(browser, "can_install", lambda: True)
    monkeypatch.setenv("PATH", f"{machine.home.parent / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(browser, "NAMES", ("browser-of-this-test",))
    monkeypatch.setattr(browser, "FIREFOX", ("firefox-of-this-test",))
    monkeypatch.setattr(browser, "APPLICATIONS", ())

    def play(busy=0, error="E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt)"):
        machine.log.write_text("", encoding="utf-8")
        made = machine.add_browser("made/chromium")
        machine.add(
            "bin/apt-get",
            f'echo "$@" >> "{machine.log}"\n'
            f'if [ $(wc -l < "{machine.log}") -le {busy} ]; then echo "{error}" >&2; exit 100; fi\n'
            f'case "$*" in *firefox-of-this-test) cd "{machine.home.parent}/bin"\n'
            "  printf '#!/bin/sh\\necho Firefox\\n' > firefox-of-this-test; chmod 755 firefox-of-this-test;;\n"
            f'*" install "*) cp "{made}" "{machine.home.parent}/bin/browser-of-this-test"\n'
            f"  printf '#!/bin/sh\\necho Noto\\n' > \"{machine.home.parent}/bin/fc-list\"\n"
            f'  chmod 755 "{machine.home.parent}/bin/fc-list";; esac',
        )

    return play


def test_apt_installs_what_is_missing(machine, apt, capsys):
    apt()
    machine.add("bin/fc-list", "")
    assert browser.main([]) == 0
    calls = machine.log.read_text(encoding="utf-8").splitlines()
    assert [call.split("300 ")[1] for call in calls] == [
        "update",
        "install -y --no-install-recommends chromium fonts-noto-cjk fontconfig",
        "install -y --no-install-recommends firefox-of-this-test",
    ]
    assert all("-o DPkg::Lock::Timeout=300" in call for call in calls)
    last = capsys.readouterr().out.splitlines()[-1]
    assert "/bin/browser-of-this-test, " in last and last.endswith("/bin/firefox-of-this-test")


def test_apt_is_not_called_where_there_is_a_browser(machine, apt):
    apt()
    machine.add_browser("bin/browser-of-this-test")
    machine.add("bin/firefox-of-this-test", "echo 'Mozilla Firefox 153'")
    machine.add_fonts("zh-cn", "ja")
    assert browser.main([]) == 0
    assert machine.log.read_text(encoding="utf-8") == ""


def test_another_apt_is_waited_for(machine, apt, capsys):
    apt(busy=3)
    assert browser.main(["--required"]) == 0
    assert capsys.readouterr().out.count("Another program is using apt: waiting for it.") == 3


def test_an_apt_that_never_ends_is_not_waited_for_for_ever(machine, apt, capsys, monkeypatch):
    apt(busy=99)
    monkeypatch.setattr(browser, "PATIENCE", -1)
    assert browser.main(["--required"]) == 1
    assert "Could not get lock" in capsys.readouterr().out


@pytest.mark.parametrize(("options", "status"), [([], 0), (["--required"], 1)])
def test_an_apt_without_a_network_is_a_missing_browser(machine, apt, capsys, options, status):
    apt(busy=99, error="E: Failed to fetch: Temporary failure resolving")
    assert browser.main(options) == status
    assert "Failed to fetch" in capsys.readouterr().out


def test_the_site_tests_are_skipped_or_fail_for_want_of_a_browser(machine, monkeypatch):
    with pytest.raises(pytest.skip.Exception, match="no Chromium, Chrome or Edge found"):
        demand_browser()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no Chromium, Chrome or Edge found"):
        demand_browser()


def test_the_site_tests_run_where_there_is_a_browser(machine):
    machine.add_browser()
    machine.add_fonts("zh-cn", "ja")
    demand_browser()
