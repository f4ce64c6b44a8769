using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;

namespace MnistLstm.Trainer.Training;

/// <summary>The lines that the blog post's Python program prints.</summary>
public static class BlogPostLog
{
    /// <summary>Images of the test set that the post measures at the end.</summary>
    public const int TestImages = 128;

    /// <summary>Measures these images by the probabilities of the whole test set, [N, C].</summary>
    public static SplitResult MeasureFirst(float[] probabilities, DigitSet test) => ClassificationMetrics.Measure(
        probabilities.AsSpan(0, TestImages * ModelContract.Classes), test.Labels.AsSpan(0, TestImages));

    /// <summary><c>'step: {} / loss: {:.6f} / acc: {:.5f}'</c></summary>
    public static string Line(StepRecord step) =>
        $"step: {step.Step} / loss: {Fixed(step.Loss, 6)} / acc: {Fixed(step.Accuracy, 5)}";

    /// <summary><c>"Test Accuracy: {}"</c></summary>
    public static string TestAccuracy(float accuracy)
    {
        string number = accuracy.ToString("R");
        return $"Test Accuracy: {(number.Contains('.') ? number : number + ".0")}";
    }

    /// <summary>Python rounds halves to the even digit: 106 of 128 prints as 0.82812.</summary>
    private static string Fixed(float value, int decimals) =>
        Math.Round((double)value, decimals, MidpointRounding.ToEven)
        .ToString($"F{decimals}");
}
