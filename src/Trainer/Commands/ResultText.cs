using System.Globalization;
using MnistLstm.Shared.Models;

namespace MnistLstm.Trainer.Commands;

/// <summary>Figures as the commands print them.</summary>
public static class ResultText
{
    /// <summary>"96.36 % (9,636 right, 95 % interval 95.97 to 96.71 %)"</summary>
    public static string Describe(SplitResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"{100 * result.Accuracy:F2} % ({result.Correct:N0} right, 95 % interval {100 * result.Interval[0]:F2} to "
        + $"{100 * result.Interval[1]:F2} %)");

    /// <summary>"96.36 %"; a dash where there was nothing to measure.</summary>
    public static string Percent(double? share) =>
        share is { } value ? string.Create(CultureInfo.InvariantCulture, $"{100 * value:F2} %") : "–";

    /// <summary>
    /// "Called no digit below 5.55 nats: 0.2 % of held-out digits, 1.5 % of them as pictures; letter 25.5 %, …"
    /// </summary>
    public static string Describe(RejectionRates refused, double threshold) => string.Create(
        CultureInfo.InvariantCulture,
        $"Called no digit below {threshold:F2} nats: {100 * refused.Digits:F2} % of held-out digits, "
        + $"{100 * refused.Pictures:F2} % of them as pictures; ")
        + string.Join(", ", refused.NonDigits.Select(kind =>
            string.Create(CultureInfo.InvariantCulture, $"{kind.Key} {100 * kind.Value:F1} %")));
}
