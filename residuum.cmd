@echo off
rem Runs Residuum's command line on Windows, and builds it the first time. After a change of the sources, delete target\launcher.
rem Needs a JDK 17 or newer, from JAVA_HOME or else from the path. RESIDUUM_JAVA_OPTS adds options for Java, such as -Xmx8g;
rem RESIDUUM_CLASSPATH adds jars, such as one with layers of your own.
setlocal
set "ROOT=%~dp0"
set "JARS=%ROOT%target\launcher\jars"
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
if exist "%JARS%\complete" goto run
echo building Residuum (first use, about a minute) ... 1>&2
pushd "%ROOT%"
call mvnw.cmd -q -B -Dquick -Dresiduum.target=target/launcher -Dmaven.test.skip=true -pl examples -am package dependency:copy-dependencies -DincludeScope=runtime "-DoutputDirectory=%JARS%" 1>&2
if errorlevel 1 goto failed
copy /y examples\target\launcher\residual-examples-*.jar "%JARS%" >nul
if errorlevel 1 goto failed
popd
type nul >"%JARS%\complete"
:run
set "OPTIONS=-XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -Dfile.encoding=UTF-8"
rem JNA and others still use what newer Javas warn of; an option that Java 17 does not know stands behind this one.
set "OPTIONS=%OPTIONS% -XX:+IgnoreUnrecognizedVMOptions --sun-misc-unsafe-memory-access=allow"
"%JAVA%" %OPTIONS% %RESIDUUM_JAVA_OPTS% -cp "%JARS%\*;%RESIDUUM_CLASSPATH%" io.residuum.examples.cli.Residuum %*
exit /b %ERRORLEVEL%
:failed
popd
echo residuum: the build failed; the lines above say why. It needs a JDK 17 or newer: set JAVA_HOME to one 1>&2
exit /b 1
