using System.CommandLine;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Recipes;

namespace MnistLstm.Trainer.Commands;

/// <summary>The options of a command that change hyper-parameters.</summary>
public sealed class HyperParameterOptions
{
    private readonly List<(HyperParameter Parameter, Option<string?> Option)> _options = [];

    /// <param name="defaults">The recipes that the options change, each with its name in the help.</param>
    public HyperParameterOptions(
        Command command, IEnumerable<HyperParameter> parameters,
        params IReadOnlyList<(string Name, TrainingOptions Recipe)> defaults)
    {
        foreach (HyperParameter p in parameters)
        {
            Option<string?> option = CommonOptions.Text(
                $"--{p.Name}",
                $"{char.ToUpperInvariant(p.Description[0])}{p.Description[1..]}: {p.Range}. Default: {Default(p)}.");
            command.Options.Add(option);
            _options.Add((p, option));
        }

        string Default(HyperParameter p)
        {
            var used = defaults.Where(d => p.Part.Includes(d.Recipe)).ToLookup(d => p.Read(d.Recipe), d => d.Name);
            return used.Count == 1 && used.Single().Count() == defaults.Count
                ? used.Single().Key
                : string.Join(", ", used.Select(value => $"{value.Key} ({string.Join(", ", value)})"));
        }
    }

    /// <returns>The recipe with what the command line says.</returns>
    /// <exception cref="TrainerException">A value is out of its range, or the run would not use it.</exception>
    public TrainingOptions Change(TrainingOptions options, ParseResult arguments)
    {
        List<(HyperParameter Parameter, string Text)> given =
            [.. _options.Select(o => (o.Parameter, arguments.GetValue(o.Option)!)).Where(o => o.Item2 is not null)];
        options = given.Aggregate(options, (changed, g) => g.Parameter.Change(changed, g.Text));
        if (given.Count(g => g.Parameter.Name is "steps" or "epochs" && g.Text != "0") == 2)
        {
            throw new TrainerException("--steps and --epochs both say how long to train: give one of them.");
        }

        foreach ((HyperParameter parameter, _) in given.Where(g => !g.Parameter.Part.Includes(options)))
        {
            throw new TrainerException(
                $"--{parameter.Name} would be ignored: only {parameter.Part.Runs} uses it. Leave it out.");
        }

        return options;
    }
}
