using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;

namespace MnistLstm.Trainer.Tests;

internal static class TestCards
{
    /// <summary>A card with made-up values.</summary>
    public static ModelCard Any { get; } = new()
    {
        Version = "0123456789ab",
        Preset = "seed",
        Seed = 1,
        HyperParameters = new Dictionary<string, string> { ["hidden-size"] = "8" },
        ParameterCount = 1,
        DataSha256 = MnistFile.Hashes,
        Validation = null,
        Test = ClassificationMetrics.Measure([1, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0]),
        Temperature = 1,
        Parity = 0,
        IsDigitThreshold = 0,
    };
}
