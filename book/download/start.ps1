# Start the course:  powershell -ExecutionPolicy Bypass -File start.ps1 02
#
# Finds a Python; the rest is in course\tools\start.py. Texts in double braces are filled in when the archive is made.

$course = Join-Path $PSScriptRoot 'course'
if (-not (Test-Path -LiteralPath (Join-Path $course 'tools\start.py'))) {
    Write-Host '{{torn}}'
    exit 1
}

# Prints the version, if this Python will do; 3 tells that it cannot make environments.
$probe = 'import sys; print(sys.version.split()[0]); sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else 1)'

function Test-Python([string[]] $command) {
    $program = Get-Command $command[0] -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $program) { return $null }
    $rest = @($command | Select-Object -Skip 1)
    try { $version = & $program.Source @rest -Es -c $probe 2>$null } catch { return $null }
    $right = $LASTEXITCODE -eq 0
    # The shop's stand-in, which is on every Windows, prints nothing here.
    if ($version) { $script:seen += "  $($command -join ' '): Python $version" }
    if ($right) { return , (@($program.Source) + $rest) }
    return $null
}

$seen = @()
$own = Join-Path $PSScriptRoot '.venv\Scripts\python.exe'
$candidates = @()
if ($env:PYTHON) {
    $candidates += , @($env:PYTHON)
} else {
    if (Test-Path -LiteralPath $own) { $candidates += , @($own) }
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
