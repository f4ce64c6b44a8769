using MnistLstm.Load;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;

namespace MnistLstm.Growth;

/// <summary>The network by its hidden size.</summary>
internal static class HiddenGrowth
{
    private const int Images = 32;

    private static readonly int[] Sizes = [64, 96, 128, 192, 256, 384, 512];

    public static Section Measure(string model)
    {
        byte[] file = File.ReadAllBytes(model);
        string folder = Directory.CreateTempSubdirectory("mnist-lstm-growth").FullName;
        DigitClassifier[] classifiers = [];
        ClassifierBatch[] batches = [];
        try
        {
            foreach (int size in Sizes)
            {
                File.WriteAllBytes(PathOf(size), ResizedModel.Write(file, size));
            }

            classifiers = [.. Sizes.Select(size => DigitClassifier.Load(PathOf(size)))];
            batches = [.. classifiers.Select(classifier => classifier.CreateBatch(Images))];
            return Measure(batches);
        }
        finally
        {
            Array.ForEach(batches, batch => batch.Dispose());
            Array.ForEach(classifiers, classifier => classifier.Dispose());
            Directory.Delete(folder, recursive: true);
        }

        string PathOf(int size) => Path.Combine(folder, $"hidden-{size}.onnx");
    }

    private static Section Measure(ClassifierBatch[] batches)
    {
        foreach (ClassifierBatch batch in batches)
        {
            for (int n = 0; n < batch.Capacity; n++)
            {
                Uploads.Rows(n, batch.Rows(n));
            }
        }

        int[] counts = [1, Images];
        double[] milliseconds =
            CpuTime.Measure([.. counts.SelectMany(count => batches.Select(batch => (Action)(() => batch.Run(count))))]);
        double[] alone = [.. milliseconds[..Sizes.Length].Select(time => 1000 * time)];
        double[] together = [.. milliseconds[Sizes.Length..].Select(time => 1000 * time / Images)];
        Curve[] curves = [Curve("alone", alone), Curve($"in a batch of {Images}", together)];
        Curve multiplications = Curve("", [.. Sizes.Select(size => 4.0 * size * (RowSequence.Features + size))]);
        var chart = new LogLogChart(
            "Time of an image by the network's hidden size", "hidden size", "µs of processor time of an image",
            [.. Sizes.Select(size => ((double)size, $"{size}"))], curves);
        return new Section(
            "Hidden size",
            "ONNX Runtime alone, one thread. The shipped graph with other matrices, not trained. It multiplies 28 x "
            + "4H (28 + H) times an image, "
            + $"which has a slope of {multiplications.SlopeText} over these sizes.",
            [("hidden", chart)],
            [
                ["hidden size", "parameters", "µs an image, alone", $"in a batch of {Images}"],
                .. Sizes.Select((size, i) =>
                    (string[])[$"{size}", $"{ResizedModel.Parameters(size):N0}", $"{alone[i]:F1}",
                        $"{together[i]:F1}"]),
                ["slope", "", curves[0].SlopeText, curves[1].SlopeText],
            ]);
    }

    private static Curve Curve(string name, double[] microseconds) =>
        new(name, [.. Sizes.Select((size, i) => ((double)size, microseconds[i]))]);
}
