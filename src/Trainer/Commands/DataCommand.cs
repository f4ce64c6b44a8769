using System.CommandLine;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Reports;

namespace MnistLstm.Trainer.Commands;

/// <summary><c>data</c>: finds MNIST, or downloads it, checks it and prints its folder.</summary>
public static class DataCommand
{
    public static Command Create()
    {
        Option<string?> data = CommonOptions.Data();
        var command =
            new Command("data", "Find MNIST or download it, check it, and print the folder that it is in.") { data };
        command.SetAction(async (arguments, cancellation) =>
        {
            MnistSource source = MnistSource.Find(arguments.GetValue(data));
            await ConsoleDisplay.LoadAsync(source, cancellation);
            Console.WriteLine(Path.GetFullPath(source.Folder));
        });
        return command;
    }
}
