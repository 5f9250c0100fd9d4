package io.residuum.examples.cli;
import picocli.CommandLine.Command;
@Command(name = "evaluate")
final class EvaluateCommand implements Runnable { @Override public void run() {} }
