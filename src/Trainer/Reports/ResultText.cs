using System.Text.Json;
using MnistLstm.Shared.Models;

namespace MnistLstm.Trainer.Reports;

/// <summary>Figures as the commands and the reports show them.</summary>
public static class ResultText
{
    /// <summary>"96.36 % (9,636 right, 95 % interval 95.97 to 96.71 %)"</summary>
    public static string Describe(SplitResult result) =>
        $"{Percent(result.Accuracy)} ({result.Correct:N0} right, 95 % interval {100 * result.Interval[0]:F2} to "
        + $"{Percent(result.Interval[1])})";

    /// <summary>"96.36 %"; a dash where there was nothing to measure.</summary>
    public static string Percent(double? share) => share is { } value ? $"{100 * value:F2} %" : "–";

    /// <summary>"Called no digit below 5.55 nats: 0.2 % of held-out digits, …; letter 25.5 %, …"</summary>
    public static string Describe(RejectionRates refused, double threshold) =>
        $"Called no digit below {threshold:F2} nats: {Percent(refused.Digits)} of held-out digits, "
        + $"{Percent(refused.Pictures)} of them as pictures; "
        + string.Join(", ", refused.NonDigits.Select(kind => $"{Words(kind.Key)} {100 * kind.Value:F1} %"));

    /// <summary>"scriptLetter" → "script letter"</summary>
    private static string Words(string key) => JsonNamingPolicy.KebabCaseLower.ConvertName(key).Replace('-', ' ');
}
