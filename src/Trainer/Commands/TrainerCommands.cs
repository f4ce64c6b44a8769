using System.CommandLine;

namespace MnistLstm.Trainer.Commands;

/// <summary>The command line.</summary>
public static class TrainerCommands
{
    public static RootCommand Create() => new("Trains LSTMs that read handwritten digits row by row, and measures them.")
    {
        TrainCommand.Create(),
        RefineCommand.Create(),
        EvaluateCommand.Create(),
        QuantizeCommand.Create(),
        ReproduceCommand.Create(),
        DataCommand.Create(),
    };
}
