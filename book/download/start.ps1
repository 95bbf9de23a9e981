# Start the course:  powershell -ExecutionPolicy Bypass -File start.ps1 02
#
# Finds a Python; the rest is in course\tools\start.py. Texts in double braces are filled in when the archive is made.

$course = Join-Path $PSScriptRoot 'course'
if (-not (Test-Path -LiteralPath (Join-Path $course 'tools\start.py'))) {
    Write-Host '{{torn}}'
    exit 1
}

# Prints the version, and ends with 0 if this Python will do.
$probe = 'import sys; print(sys.version.split()[0]); import ensurepip, venv; ' +
    'sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else 1)'

function Test-Python([string[]] $command) {
    $program = Get-Command $command[0] -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $program) { return $null }
    $rest = @($command | Select-Object -Skip 1)
    try { $version = & $program.Path @rest -Es -c $probe 2>$null } catch { return $null }
    # The stand-in for Python that every Windows has tells no version.
    if ($version -notmatch '^\d+\.\d+') { return $null }
    $right = $LASTEXITCODE -eq 0
    $script:seen += "  $($command -join ' '): Python $version"
    if ($right) { return , (@($program.Path) + $rest) }
    return $null
}

$seen = @()
$candidates = @()
if ($env:PYTHON) {
    $candidates += , @($env:PYTHON)
} else {
    # Not that of .venv: Windows does not let a program move the folder that it runs from.
    foreach ($version in '3.11', '3.12', '3.13') { $candidates += , @('py', "-$version") }
    $candidates += , @('python')
    $candidates += , @('python3')
}
$python = $null
foreach ($candidate in $candidates) {
    $python = Test-Python $candidate
    if ($python) { break }
}
if (-not $python) {
    Write-Host '{{needed}}'
    if ($seen) { $seen | Select-Object -Unique | ForEach-Object { Write-Host $_ } } else { Write-Host '  {{nothing}}' }
    Write-Host '{{install-python-windows}}'
    exit 1
}

Push-Location -LiteralPath $course
try {
    $rest = @($python | Select-Object -Skip 1)
    & $python[0] @rest -Es -m tools.start @args
    $status = $LASTEXITCODE
} finally {
    Pop-Location
}
exit $status
