using System.Globalization;
using MnistLstm.Shared.Models;

namespace MnistLstm.Trainer.Commands;

/// <summary>Figures as the commands print them.</summary>
public static class ResultText
{
    /// <summary>"96.36 % (9,636 right, 95 % interval 95.97 to 96.71 %)"</summary>
    public static string Describe(SplitResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"{100 * result.Accuracy:F2} % ({result.Correct:N0} right, 95 % interval {100 * result.Interval[0]:F2} to {100 * result.Interval[1]:F2} %)");
}
