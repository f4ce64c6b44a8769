using System.CommandLine;
using System.CommandLine.Parsing;
using MnistLstm.Shared;

namespace MnistLstm.Trainer.Commands;

/// <summary>The command line.</summary>
public static class TrainerCommands
{
    public static RootCommand Create() => new(
        "Trains LSTMs that read handwritten digits row by row, and measures them.")
    {
        TrainCommand.Create(),
        RefineCommand.Create(),
        EvaluateCommand.Create(),
        QuantizeCommand.Create(),
        ReproduceCommand.Create(),
        DataCommand.Create(),
    };

    /// <summary>A sentence that says what is wrong with a command line.</summary>
    public static string DescribeError(ParseResult arguments)
    {
        // Errors of arguments come first: an unknown option can be taken for one, and then what follows
        // fits nowhere.
        ParseError? ofArgument = arguments.Errors.FirstOrDefault(e => e.SymbolResult is ArgumentResult);
        if (ofArgument is not null || arguments.UnmatchedTokens is not [string unknown, ..])
        {
            return $"{(ofArgument ?? arguments.Errors[0]).Message} See --help.";
        }

        Command command = arguments.CommandResult.Command;
        bool isOption = unknown.StartsWith('-');
        IEnumerable<string> known = isOption
            ? command.Options.Select(o => o.Name)
            : command.Subcommands.Select(c => c.Name);
        string nearest = NearestName.Find(unknown, known) is { } name ? $" Did you mean '{name}'?" : "";
        string what = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        return $"There is no {what} '{unknown}'.{nearest} See --help.";
    }
}
