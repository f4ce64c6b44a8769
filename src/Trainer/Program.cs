using System.CommandLine;
using MnistLstm.Trainer;
using MnistLstm.Trainer.Commands;

var root = new RootCommand("Trains LSTMs that read handwritten digits row by row, and measures them.")
{
    TrainCommand.Create(),
};
ParseResult arguments = root.Parse(args);
if (arguments.Errors is [{ } error, ..])
{
    Console.Error.WriteLine($"{error.Message} See --help.");
    return ExitCodes.BadInput;
}

try
{
    return await arguments.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (TrainerException failure)
{
    Console.Error.WriteLine(failure.Message);
    return failure.ExitCode;
}
