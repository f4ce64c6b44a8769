using MnistLstm.Shared.Models;

namespace MnistLstm.Trainer.Evaluation;

/// <summary>How a model does on one digit.</summary>
/// <param name="Digit">0 to 9.</param>
/// <param name="Images">Images with this label.</param>
/// <param name="Correct">Those of them taken for it.</param>
/// <param name="Recall">Correct / Images; null without images.</param>
/// <param name="Precision">Correct / images that were taken for it, whatever they show; null where none was.</param>
/// <param name="TakenFor">The digits it is most often mistaken for, "9 (4), 7 (2)".</param>
public sealed record ClassResult(int Digit, int Images, int Correct, double? Recall, double? Precision, string TakenFor)
{
    private const int ShownMistakes = 3;

    public static ClassResult[] Of(SplitResult result) =>
    [
        .. result.Confusion.Select((row, digit) =>
        {
            int images = row.Sum();
            int taken = result.Confusion.Sum(other => other[digit]);
            IEnumerable<string> mistakes = row
                .Select((count, other) => (Count: count, Other: other))
                .Where(m => m.Other != digit && m.Count > 0)
                .OrderByDescending(m => m.Count)
                .Take(ShownMistakes)
                .Select(m => $"{m.Other} ({m.Count})");
            return new ClassResult(
                digit, images, row[digit], Share(row[digit], images), Share(row[digit], taken),
                string.Join(", ", mistakes));
        }),
    ];

    private static double? Share(int count, int of) => of == 0 ? null : (double)count / of;
}
