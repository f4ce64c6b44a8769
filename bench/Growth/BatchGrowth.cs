using MnistLstm.Load;
using MnistLstm.Shared.Models;

namespace MnistLstm.Growth;

/// <summary>The network by the images that it computes at once.</summary>
internal static class BatchGrowth
{
    private static readonly int[] Sizes = [1, 2, 4, 8, 16, 32, 64, 128];

    /// <summary>Below, a run's own cost and its narrow matrices show.</summary>
    private const double FitFrom = 8;

    public static Section Measure(string model)
    {
        using DigitClassifier classifier = DigitClassifier.Load(model);
        using ClassifierBatch batch = classifier.CreateBatch(Sizes[^1]);
        for (int n = 0; n < batch.Capacity; n++)
        {
            Uploads.Rows(n, batch.Rows(n));
        }

        double[] milliseconds = CpuTime.Measure([.. Sizes.Select(size => (Action)(() => batch.Run(size)))]);
        var curve = new Curve(
            "digits-float.onnx", [.. Sizes.Select((size, i) => ((double)size, milliseconds[i]))], FitFrom);
        var chart = new LogLogChart(
            "Time of a batch by its images", "images in a batch", "ms of processor time of a batch",
            [.. Sizes.Select(size => ((double)size, $"{size}"))], [curve]);
        return new Section(
            "Images in a batch",
            "ONNX Runtime alone, one thread, tensors in place.",
            [("batch", chart)],
            [
                ["images", "ms a batch", "µs an image"],
                .. Sizes.Select((size, i) =>
                    (string[])[$"{size}", $"{milliseconds[i]:F3}", $"{1000 * milliseconds[i] / size:F1}"]),
                [$"slope from {FitFrom} on", curve.SlopeText, ""],
            ]);
    }
}
