using System.CommandLine;
using System.Runtime.InteropServices;
using MnistLstm.Trainer;
using MnistLstm.Trainer.Commands;

var root = new RootCommand("Trains LSTMs that read handwritten digits row by row, and measures them.")
{
    TrainCommand.Create(),
    EvaluateCommand.Create(),
    QuantizeCommand.Create(),
    ReproduceCommand.Create(),
};
ParseResult arguments = root.Parse(args);
if (arguments.Errors is [{ } error, ..])
{
    Console.Error.WriteLine($"{error.Message} See --help.");
    return ExitCodes.BadInput;
}

// The first Ctrl+C ends the work in order, the second one at once.
using var stop = new CancellationTokenSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
    return await arguments.InvokeAsync(configuration, stop.Token);
}
catch (TrainerException failure)
{
    Console.Error.WriteLine(failure.Message);
    return failure.ExitCode;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Stopped.");
    return ExitCodes.Interrupted;
}
catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"A file could not be read or written: {failure.Message}");
    return ExitCodes.RunFailed;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
