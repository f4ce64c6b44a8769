using System.CommandLine;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Recipes;

namespace MnistLstm.Trainer.Commands;

/// <summary>The options of a command that change hyper-parameters.</summary>
public sealed class HyperParameterOptions
{
    private readonly List<(HyperParameter Parameter, Option<string?> Option)> _options;

    private HyperParameterOptions(List<(HyperParameter Parameter, Option<string?> Option)> options) => _options = options;

    /// <summary>Gives a command an option for each hyper-parameter of a choice.</summary>
    public static HyperParameterOptions AddTo(Command command, Predicate<HyperParameter> chosen)
    {
        List<(HyperParameter Parameter, Option<string?> Option)> options =
        [
            .. HyperParameter.All.Where(p => chosen(p)).Select(p => (p, new Option<string?>($"--{p.Name}")
            {
                Description = $"{char.ToUpperInvariant(p.Description[0])}{p.Description[1..]}: {p.Range}. "
                    + $"Default: {string.Join(", ", TrainingOptions.Presets.Select(o => $"{p.Read(o)} ({o.Preset})"))}.",
            })),
        ];
        foreach ((_, Option<string?> option) in options)
        {
            command.Options.Add(option);
        }

        return new HyperParameterOptions(options);
    }

    /// <returns>The recipe with what the command line says.</returns>
    /// <exception cref="TrainerException">A value is none of its range.</exception>
    public TrainingOptions Change(TrainingOptions options, ParseResult arguments)
    {
        foreach ((HyperParameter parameter, Option<string?> option) in _options)
        {
            options = arguments.GetValue(option) is { } text ? parameter.Change(options, text) : options;
        }

        return options;
    }
}
