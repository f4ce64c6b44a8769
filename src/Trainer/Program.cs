using System.CommandLine;
using System.Runtime.InteropServices;
using MnistLstm.Trainer.Commands;
using MnistLstm.Trainer.Errors;

ParseResult arguments = TrainerCommands.Create().Parse(args);
if (arguments.Errors.Count > 0)
{
    Console.Error.WriteLine(TrainerCommands.DescribeError(arguments));
    return ExitCodes.BadInput;
}

// The first Ctrl+C ends the work in order, the second one at once.
bool isStopping = false;
using var stop = new CancellationTokenSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
try
{
    var configuration = new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
    };

    // Not on the main thread, which gets the process's signals. oneDNN's kernels keep addresses of the heap in the
    // stack pointer, and a signal handler would overwrite the heap there (uxlfoundation/oneDNN#4845).
    return await Task.Run(() => arguments.InvokeAsync(configuration, stop.Token));
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
    // A line to a closed terminal would fail.
    bool isClosed = context.Signal == PosixSignal.SIGHUP;
    if (isClosed)
    {
        Console.SetOut(TextWriter.Null);
        Console.SetError(TextWriter.Null);
    }

    // Not the token's state: the line below waits where nobody reads it, and a second signal must end the process,
    // unless it only closes the terminal.
    bool isFirst = !Interlocked.Exchange(ref isStopping, true);
    context.Cancel = isFirst || isClosed;
    if (isFirst)
    {
        Console.Error.WriteLine("Stopping …");
        stop.Cancel();
    }
}
