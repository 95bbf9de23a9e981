import io
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from cnn_course import datasets, photos

ROOT = Path(__file__).parents[2]
RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)
NOT_A_PICTURE = "not a picture that can be read (JPEG, PNG, GIF, WEBP, BMP, TIFF, AVIF)"


def flag():
    """A picture, 90 by 60: the left half red, the right half blue."""
    picture = Image.new("RGB", (90, 60), RED)
    picture.paste(BLUE, (45, 0, 90, 60))
    return picture


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def turned(number):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = number
    return exif


def png_of_size(width, height):
    """A PNG whose header promises more than there is."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return PNG[:12] + header + struct.pack(">I", zlib.crc32(header)) + PNG[33:]


def flipped(content, place):
    content = bytearray(content)
    content[place] ^= 255
    return bytes(content)


def see_through(mode):
    """A white-and-transparent picture whose hidden color is black."""
    return Image.new("LA", (8, 8), (0, 0)).convert(mode)


def palette_with_hole():
    picture = Image.new("P", (8, 8), 1)
    picture.putpalette([*RED, *BLUE])
    return encoded(picture, "PNG", transparency=1)


def animation(kind, **options):
    return encoded(flag(), kind, save_all=True, append_images=[Image.new("RGB", (90, 60), "lime")], **options)


JPEG, PNG, TIFF = (encoded(flag(), kind) for kind in ("JPEG", "PNG", "TIFF"))
NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 90, 3), np.uint8))
LZW = encoded(NOISE, "TIFF", compression="tiff_lzw")
GRAY_16 = np.full((8, 8), 100 * 256, np.uint16)
EXIF = encoded(flag(), "JPEG", exif=turned(6))

# What is used: the content, and the colors at the left and right end of the middle row (None: not looked at).
GOOD = {
    "jpeg.jpg": (JPEG, RED, BLUE),
    "UPPER.JPG": (JPEG, RED, BLUE),
    "no_suffix": (JPEG, RED, BLUE),
    "猫 é.jpg": (JPEG, RED, BLUE),
    "progressive.jpg": (encoded(flag(), "JPEG", progressive=True), RED, BLUE),
    "phone.jpg": (animation("MPO"), RED, BLUE),
    "cmyk.jpg": (encoded(flag().convert("CMYK"), "JPEG"), RED, BLUE),
    "cmyk.tif": (encoded(flag().convert("CMYK"), "TIFF"), RED, BLUE),
    "lab.tif": (encoded(Image.new("RGB", (8, 8), RED).convert("LAB"), "TIFF"), None, None),
    "ycbcr.tif": (encoded(Image.new("RGB", (8, 8), RED).convert("YCbCr"), "TIFF", compression="jpeg"), RED, RED),
    "gray.jpg": (encoded(Image.new("L", (8, 8), 100), "JPEG"), (100,) * 3, (100,) * 3),
    "gray16.png": (encoded(Image.fromarray(GRAY_16), "PNG"), (100,) * 3, (100,) * 3),
    "gray16.tif": (encoded(Image.fromarray(GRAY_16), "TIFF"), (100,) * 3, (100,) * 3),
    "gray16_big_endian.tif": (encoded(Image.fromarray(GRAY_16.astype(">u2")), "TIFF"), (100,) * 3, (100,) * 3),
    "one_bit.png": (encoded(Image.new("1", (8, 8), 1), "PNG"), WHITE, WHITE),
    "gray_alpha.png": (encoded(see_through("LA"), "PNG"), WHITE, WHITE),
    "rgba.png": (encoded(see_through("RGBA"), "PNG"), WHITE, WHITE),
    "rgba.webp": (encoded(see_through("RGBA"), "WEBP", lossless=True), WHITE, WHITE),
    "palette.png": (encoded(flag().quantize(2), "PNG"), RED, BLUE),
    "palette_hole.png": (palette_with_hole(), WHITE, WHITE),
    "animated.gif": (animation("GIF"), RED, BLUE),
    "animated.webp": (animation("WEBP"), RED, BLUE),
    "animated.png": (animation("PNG"), RED, BLUE),
    "windows.bmp": (encoded(flag(), "BMP"), RED, BLUE),
    "scan.tif": (TIFF, RED, BLUE),
    "lzw.tif": (LZW, None, None),
    "new.avif": (encoded(flag(), "AVIF", quality=90), RED, BLUE),
    "dot.png": (encoded(Image.new("RGB", (1, 1), RED), "PNG"), RED, RED),
    "wide.png": (encoded(flag().resize((20_000, 1), Image.Resampling.NEAREST), "PNG"), RED, BLUE),
    "tall.png": (encoded(Image.new("RGB", (1, 20_000), RED), "PNG"), RED, RED),
    "wrong_suffix.jpg": (PNG, RED, BLUE),
    "tail.jpg": (JPEG + b"appended by some program", RED, BLUE),
    "bad_checksum.png": (flipped(PNG, -13), RED, BLUE),
    "unknown_orientation.jpg": (encoded(flag(), "JPEG", exif=turned(9)), RED, BLUE),
    "damaged_exif.jpg": (EXIF.replace(b"Exif\0\0MM", b"Exif\0\0XX"), RED, BLUE),
    "truncated_exif.jpg": (EXIF.replace(b"MM\0*\0\0\0\x08\0\x01", b"MM\0*\0\0\0\x08\0\x99"), None, None),
    "folder.jpg/inside.jpg": (JPEG, RED, BLUE),
}

BAD = {
    "truncated.jpg": (encoded(NOISE, "JPEG")[:-500], "image file is truncated"),
    "truncated.png": (encoded(NOISE, "PNG")[:-500], "image file is truncated"),
    "truncated.bmp": (encoded(NOISE, "BMP")[:900], "image file is truncated"),
    "truncated.gif": (encoded(NOISE, "GIF")[:2_000], "image file is truncated"),
    "truncated.webp": (encoded(NOISE, "WEBP")[:100], "could not create decoder object"),
    "truncated.tif": (LZW[: len(LZW) // 2], NOT_A_PICTURE),
    "garbled.tif": (LZW[:2_000] + bytes(500) + LZW[2_500:], "decoder error -2"),
    "garbled.png": (flipped(PNG, PNG.index(b"IDAT") + 8), "broken data stream when reading image file"),
    "bad_header_checksum.png": (flipped(PNG, 29), NOT_A_PICTURE),
    "only_the_start.jpg": (JPEG[:20], NOT_A_PICTURE),
    "empty.jpg": (b"", "empty"),
    "text.jpg": (b"This is not a picture.", NOT_A_PICTURE),
    "page.jpg": (b"<!DOCTYPE html><title>404</title>", NOT_A_PICTURE),
    "film.mp4": (b"\0\0\0\x20ftypisom" + bytes(500), NOT_A_PICTURE),
    "Thumbs.db": (b"\xd0\xcf\x11\xe0" + bytes(500), NOT_A_PICTURE),
    "postscript.eps": (encoded(flag(), "EPS"), NOT_A_PICTURE),
    "bomb.png": (png_of_size(60_000, 60_000), "more than 89,478,485 pixels"),
    "small_bomb.png": (png_of_size(10_000, 10_000), "more than 89,478,485 pixels"),
    "no_width.png": (png_of_size(0, 10), NOT_A_PICTURE),
    "many_channels.tif": (
        TIFF.replace(struct.pack("<HHI", 277, 3, 1) + b"\3", struct.pack("<HHI", 277, 3, 1) + b"\x40"),
        NOT_A_PICTURE,
    ),
    "float.tif": (encoded(flag().convert("F"), "TIFF"), "32 bits per channel: which value is white is unknown"),
}

HIDDEN = (".DS_Store", "._jpeg.jpg", ".hidden.jpg", ".thumbnails/jpeg.jpg")


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture
def pets(tmp_path):
    """A tidy folder: three cats, two dogs."""
    numbers = {f"cats/cat.{number}.jpg": JPEG for number in (10, 2, 1)} | {
        "dogs/dog.2.jpg": PNG,
        "dogs/dog.10.jpg": PNG,
    }
    return write(tmp_path / "pets", numbers)


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """All odd and all broken files in one folder, as cats, beside one good dog."""
    folder = write(tmp_path_factory.mktemp("odd"), {"Dog/1.jpg": JPEG, "readme[1].txt": b"About", "birds/1.jpg": JPEG})
    write(folder / "Cat", {name: content for name, (content, *_) in (GOOD | BAD).items()})
    write(folder / "Cat", dict.fromkeys(HIDDEN, b"hidden"))
    (folder / "Cat" / "dangling.jpg").symlink_to("nowhere.jpg")
    (folder / "Cat" / "circle.jpg").symlink_to(folder / "Cat")
    (folder / "Cat" / "empty_folder.jpg").mkdir()
    os.mkfifo(folder / "Cat" / "pipe.jpg")
    return folder


BESIDES = {
    "birds": "a folder whose name says neither cat nor dog",
    "readme[1].txt": "a file whose name says neither cat nor dog",
    "Cat/dangling.jpg": "No such file or directory",
    "Cat/circle.jpg": "a folder that is linked or closed",
    "Cat/pipe.jpg": "not a file",
}


def test_the_samples_are_many_and_what_they_seem():
    assert len(GOOD) + len(BAD) + len(BESIDES) > 60
    assert all(content not in (JPEG, PNG, TIFF, LZW) for content, _ in BAD.values())
    assert GOOD["damaged_exif.jpg"][0] != EXIF
    assert GOOD["truncated_exif.jpg"][0] != EXIF
    assert Image.open(io.BytesIO(GOOD["cmyk.jpg"][0])).mode == "CMYK"
    assert Image.open(io.BytesIO(GOOD["gray16.png"][0])).mode == "I;16"
    assert Image.open(io.BytesIO(GOOD["palette_hole.png"][0])).mode == "P"


def test_odd_files_are_used_and_broken_ones_reported(odd, capfd):
    loaded = datasets.load_photos(odd, image_size=16)
    assert loaded.report.used == {"cat": len(GOOD), "dog": 1}
    assert {path.relative_to(odd / "Cat").as_posix() for path in loaded.paths[:-1]} == set(GOOD)
    expected = {f"Cat/{name}": reason for name, (_, reason) in BAD.items()} | BESIDES
    found = {path.as_posix(): re.sub(r"(truncated) \(.*", r"\1", reason) for path, reason in loaded.report.skipped}
    assert found == {name: re.sub(r"(truncated) \(.*", r"\1", reason) for name, reason in expected.items()}
    assert len(loaded.report.skipped) == len(expected)
    assert "".join(capfd.readouterr()) == ""


def test_the_colors_of_odd_files_are_right(odd):
    loaded = datasets.load_photos(odd, image_size=16)
    for path, image in zip(loaded.paths[:-1], loaded.images, strict=False):
        _, *ends = GOOD[path.relative_to(odd / "Cat").as_posix()]
        for color, expected in zip((image[8, 0], image[8, -1]), ends, strict=True):
            if expected:
                np.testing.assert_allclose(color.astype(int), expected, atol=4, err_msg=path.name)


def test_nothing_is_printed_and_nothing_stays_by_a_program_of_its_own(odd, tmp_path):
    """Warnings are shown, logging is not set up, and the temporary folder is empty while and after it runs."""
    code = (
        "import os, sys; from cnn_course import datasets; photos = datasets.load_photos(sys.argv[1], 16);"
        "print(len(photos), os.listdir(os.environ['TMPDIR']), 'tensorflow' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-W", "always", "-c", code, str(odd)],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (run.stdout, run.stderr, run.returncode) == (f"{len(GOOD) + 1} [] False\n", "", 0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("number", range(1, 9))
def test_a_picture_is_turned_upright(tmp_path, kind, number):
    rng = np.random.default_rng(number)
    blocks = Image.fromarray(np.kron(rng.integers(0, 256, (4, 4, 3), np.uint8), np.ones((16, 24, 1), np.uint8)))
    transpose = Image.Transpose
    held = {  # how the picture looks in the file, so that the number says how to turn it upright
        2: transpose.FLIP_LEFT_RIGHT,
        3: transpose.ROTATE_180,
        4: transpose.FLIP_TOP_BOTTOM,
        5: transpose.TRANSPOSE,
        6: transpose.ROTATE_90,
        7: transpose.TRANSVERSE,
        8: transpose.ROTATE_270,
    }
    stored = blocks.transpose(held[number]) if number > 1 else blocks
    write(tmp_path, {"cat.jpg": encoded(stored, kind, exif=turned(number), quality=95), "dog.jpg": JPEG})
    image = datasets.load_photos(tmp_path, 32).images[0].astype(int)
    centers = np.asarray(blocks)[8::16, 12::24].astype(int)
    assert np.abs(image[3:30:8, 3:30:8] - centers).max() < 30


def test_the_whole_picture_is_squashed(tmp_path):
    picture = Image.new("RGB", (400, 100), WHITE)
    picture.paste(RED, (0, 0, 100, 100))
    picture.paste(BLUE, (300, 0, 400, 100))
    write(tmp_path, {"cat.png": encoded(picture, "PNG"), "dog.png": PNG})
    middle = datasets.load_photos(tmp_path, 8).images[0, 4]
    assert [tuple(middle[place]) for place in (0, 3, 7)] == [RED, WHITE, BLUE]


def test_making_small_averages(tmp_path):
    """A fine checkerboard becomes gray; picking single pixels would leave black and white."""
    board = np.indices((512, 512)).sum(axis=0) % 2 * 255
    write(tmp_path, {"cat.png": encoded(Image.fromarray(board.astype(np.uint8)), "PNG"), "dog.png": PNG})
    image = datasets.load_photos(tmp_path, 32).images[0]
    assert np.abs(image.astype(int) - 127).max() <= 3


def test_a_large_jpeg_decoded_small_looks_the_same(tmp_path):
    x, y = np.meshgrid(np.linspace(0, 3, 2000), np.linspace(0, 3, 1500))
    waves = np.stack([np.sin(x * 9), np.cos(y * 7), np.sin(x * y * 3)], axis=-1) * 100 + 128
    picture = Image.fromarray(waves.astype(np.uint8))
    write(tmp_path, {"cat.jpg": encoded(picture, "JPEG", quality=95), "dog.png": encoded(picture, "PNG")})
    cat, dog = datasets.load_photos(tmp_path, 64).images.astype(int)
    assert np.abs(cat - dog).max() < 12


def test_shapes_dtypes_and_order(pets):
    loaded = datasets.load_photos(pets, image_size=20)
    assert (loaded.images.shape, loaded.images.dtype) == ((5, 20, 20, 3), np.uint8)
    assert (loaded.labels.tolist(), loaded.labels.dtype) == ([0, 0, 0, 1, 1], np.int64)
    names = ["cats/cat.1.jpg", "cats/cat.2.jpg", "cats/cat.10.jpg", "dogs/dog.2.jpg", "dogs/dog.10.jpg"]
    assert [path.relative_to(pets).as_posix() for path in loaded.paths] == names
    assert len(loaded) == 5
    assert datasets.load_photos(str(pets)).images.shape == (5, 128, 128, 3)


def test_both_layouts_are_equal(pets, tmp_path):
    flat = write(tmp_path / "flat", {path.name: path.read_bytes() for path in pets.rglob("*.jpg")})
    first, second = datasets.load_photos(pets, 16), datasets.load_photos(flat, 16)
    np.testing.assert_array_equal(first.images, second.images)
    np.testing.assert_array_equal(first.labels, second.labels)
    assert [path.name for path in first.paths] == [path.name for path in second.paths]
    assert first.report == second.report


@pytest.mark.parametrize(("cats", "dogs"), [("Cat", "Dog"), ("cats", "dogs"), ("CATS", "dog"), ("cat", "DOGS")])
def test_names_of_folders(tmp_path, cats, dogs):
    write(tmp_path, {f"{cats}/1.jpg": JPEG, f"{cats}/more/2.jpg": JPEG, f"{dogs}/dog.jpg": JPEG})
    assert datasets.load_photos(tmp_path, 8).report.used == {"cat": 2, "dog": 1}


def test_names_of_files(tmp_path):
    cats = ["cat.0.jpg", "Cat.1.JPG", "cat_2.png", "cat-3.jpg", "cat4.jpg", "CAT (5).jpg", "cats.jpg", "cat"]
    neither = ["category.jpg", "caterpillar.1.jpg", "dogma.jpg", "catée.jpg", "1.jpg", "a cat.jpg"]
    write(tmp_path, dict.fromkeys([*cats, *neither, "dog.0.jpg"], JPEG))
    report = datasets.load_photos(tmp_path, 8).report
    assert report.used == {"cat": len(cats), "dog": 1}
    assert {path.name for path, _ in report.skipped} == set(neither)


@given(st.permutations([f"{stem}{n}.jpg" for stem in ("", "a ", "B") for n in (0, 2, 9, 10, 100)]))
def test_the_order_does_not_depend_on_the_file_system(names):
    ordered = sorted(map(Path, names), key=photos._natural_order)
    expected = [f"{stem}{n}.jpg" for stem in ("", "a ", "B") for n in (0, 2, 9, 10, 100)]
    assert [path.name for path in ordered] == expected


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1), min_size=2))
def test_any_names_can_be_put_in_order(names):
    keys = sorted(photos._natural_order(Path(name)) for name in names)
    assert len(set(map(str, keys))) == len({Path(name).as_posix() for name in names})


def test_the_report_is_readable(tmp_path):
    write(tmp_path, {"cat.1.jpg": JPEG, "dog.1.jpg": JPEG, "dog.2.jpg": JPEG, "dog.10.jpg": b"", "dog\n.3.jpg": b""})
    assert str(datasets.load_photos(tmp_path, 8).report).splitlines() == [
        "cat: 1, dog: 2, skipped: 2",
        r"  'dog\n.3.jpg': empty",
        "  'dog.10.jpg': empty",
    ]


def test_a_name_that_is_no_utf8_can_be_reported(tmp_path):
    write(tmp_path, {"cat.jpg": JPEG, "dog.jpg": JPEG, os.fsdecode(b"cat.\xff.jpg"): b""})
    report = datasets.load_photos(tmp_path, 8).report
    assert r"'cat.\udcff.jpg': empty" in str(report).encode("utf-8").decode("utf-8")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_reported(pets):
    (pets / "cats" / "cat.1.jpg").chmod(0)
    (pets / "dogs" / "closed").mkdir(0)
    report = datasets.load_photos(pets, 8).report
    assert [reason for _, reason in report.skipped] == ["Permission denied", "a folder that is linked or closed"]


def test_a_folder_that_may_be_listed_but_not_entered_is_reported(pets, monkeypatch):
    """Simulated, so that root can test it too: asking about a file in such a folder is refused."""
    ask, closed = Path.stat, write(pets / "cats" / "closed", {"1.jpg": JPEG})

    def refuse(path, **options):
        if path.parent == closed:
            raise PermissionError(13, "Permission denied")
        return ask(path, **options)

    monkeypatch.setattr(Path, "stat", refuse)
    report = datasets.load_photos(pets, 8).report
    assert report.used == {"cat": 3, "dog": 2}
    assert report.skipped == ((Path("cats/closed/1.jpg"), "Permission denied"),)


def assert_helpful(error, directory):
    text = str(error.value)
    for part in (str(directory), "cats and dogs", "cat.0.jpg", '"Your own photographs" of README.md'):
        assert part in text


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder") as error:
        datasets.load_photos(tmp_path / "nowhere")
    assert_helpful(error, tmp_path / "nowhere")


def test_a_file_instead_of_a_folder_is_refused(tmp_path):
    write(tmp_path, {"cats.zip": b"PK"})
    with pytest.raises(FileNotFoundError, match="no folder"):
        datasets.load_photos(tmp_path / "cats.zip")


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({}, r"of a cat or a dog in .* 0 were skipped"),
        ({"cats/1.jpg": JPEG}, r"of a dog in"),
        ({"dog.1.jpg": JPEG}, r"of a cat in"),
        ({"cats/1.jpg": JPEG, "dogs/1.jpg": b""}, r"of a dog in .* 1 were skipped. The first: 'dogs/1.jpg', empty."),
        ({"PetImages/Cat/1.jpg": JPEG}, r"The first: 'PetImages', a folder whose name says neither cat nor dog\."),
    ],
)
def test_a_class_without_pictures_is_refused(tmp_path, files, problem):
    write(tmp_path / "set", files)
    (tmp_path / "set").mkdir(exist_ok=True)
    with pytest.raises(ValueError, match=problem) as error:
        datasets.load_photos(tmp_path / "set")
    assert_helpful(error, tmp_path / "set")


def test_the_readme_has_the_section():
    assert "## Your own photographs" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("size", [0, -1])
def test_a_size_that_is_not_positive_is_refused(pets, size):
    with pytest.raises(ValueError, match="image_size must be at least 1"):
        datasets.load_photos(pets, size)


def test_the_pictures_lie_on_disk_in_a_file_without_a_name(pets, tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    loaded = datasets.load_photos(pets, 16)
    assert isinstance(loaded.images, np.memmap)
    assert not loaded.images.flags.writeable
    assert list(folder.iterdir()) == []
    assert loaded.images[0].any()


def test_one_picture_is_in_memory_at_a_time(pets, monkeypatch):
    """Each picture is written before the next one is read."""
    written, read = [], photos._read
    monkeypatch.setattr(photos, "_read", lambda *args: written.append(store.tell()) or read(*args))
    files, _ = photos._find(pets)
    with tempfile.TemporaryFile() as store:
        photos._store_all(files, 16, store)
    assert written == [place * 3 * 16**2 for place in range(5)]


def test_ctrl_c_is_not_taken_for_a_broken_file(pets, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(photos, "_read", interrupt)
    with pytest.raises(KeyboardInterrupt):
        datasets.load_photos(pets)


# Sets that stay in their folder.


def damage(path):
    path.write_bytes(b"no picture")


@pytest.fixture
def many(write_photos):
    return write_photos(many=12) / "many"


def test_an_opened_folder_shows_what_a_loaded_one_does(many):
    loaded, opened = datasets.load_photos(many, image_size=16), datasets.open_photos(many, image_size=16)
    assert opened.images.shape == loaded.images.shape
    np.testing.assert_array_equal(opened.labels, loaded.labels)
    np.testing.assert_array_equal(opened.images, loaded.images)
    np.testing.assert_array_equal(opened.images[np.array([3, 20, 3])], loaded.images[[3, 20, 3]])
    np.testing.assert_array_equal(opened.images[5], loaded.images[5])
    np.testing.assert_array_equal(opened.images[2:7][1:3], loaded.images[3:5])
    assert opened.images[np.array([], int)].shape == (0, 16, 16, 3)


def test_kaggles_layout_and_folders_in_folders_are_opened(tmp_path, many):
    for number, path in enumerate(sorted(many.glob("*/*"))):
        path.rename(tmp_path / f"{path.parent.name[:-1].upper()}.{number}.png")
    (tmp_path / "dogs" / "more").mkdir(parents=True)
    (tmp_path / "DOG.20.png").rename(tmp_path / "dogs" / "more" / "any.png")
    (tmp_path / ".cat.png").write_bytes(b"hidden")
    opened = datasets.open_photos(tmp_path, image_size=8)
    assert np.bincount(opened.labels).tolist() == [12, 12]
    np.testing.assert_array_equal(opened.images, datasets.load_photos(tmp_path, image_size=8).images)


def test_opening_reads_no_photograph(many, monkeypatch):
    monkeypatch.setattr(photos, "_read", lambda *_: 1 / 0)
    first, second = datasets.open_photos(many, image_size=16).split(0.25, seed=1)
    assert (len(first), len(second)) == (18, 6)
    assert [np.bincount(part.labels).tolist() for part in (first, second)] == [[9, 9], [3, 3]]
    assert len(second.images[1:4]) == 3


def test_the_parts_of_a_folder_hold_every_photograph_once(many):
    opened = datasets.open_photos(many, image_size=8)
    parts = opened.split(0.25, seed=1)
    squares = [square.tobytes() for part in parts for square in np.asarray(part.images)]
    assert sorted(squares) == sorted(square.tobytes() for square in np.asarray(opened.images))
    assert not np.array_equal(opened.split(0.25, seed=2)[1].images, parts[1].images)
    for share in (0, 1, -0.1):
        with pytest.raises(ValueError, match=r"share must be between 0 and 1, got"):
            opened.split(share)


def test_for_a_damaged_photograph_stands_another_of_its_class(many):
    whole = np.asarray(datasets.open_photos(many, image_size=8).images)
    for name in ("cats/cat.3.png", "dogs/dog.0.png"):
        damage(many / name)
    opened = datasets.open_photos(many, image_size=8)
    np.testing.assert_array_equal(opened.images[3], whole[2])
    np.testing.assert_array_equal(opened.images[12], whole[23])  # the first dog: there is none before it
    assert list(opened.images.unreadable.values()) == [NOT_A_PICTURE] * 2
    for path in (many / "cats").iterdir():
        damage(path)
    with pytest.raises(ValueError, match="There is no readable picture"):
        datasets.open_photos(many, image_size=8).images[0]


def test_a_folder_is_known_again_by_its_files(many):
    known = {datasets.open_photos(many, image_size=8).images.identity() for _ in range(2)}
    assert len(known) == 1
    damage(many / "cats" / "cat.3.png")
    assert datasets.open_photos(many, image_size=8).images.identity() not in known


def test_what_cannot_be_opened_is_refused_as_when_loading(tmp_path, many):
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        datasets.open_photos(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="image_size must be at least 1"):
        datasets.open_photos(many, image_size=0)
    for path in (many / "dogs").iterdir():
        path.unlink()
    with pytest.raises(ValueError, match="No readable picture of a dog"):
        datasets.open_photos(many)
