using MnistLstm.Shared.Models;

namespace MnistLstm.Shared.Tests.Models;

public sealed class ClassifierBatchTests
{
    private const int Images = 33;

    /// <summary>Kernels for another N may add up in another order.</summary>
    private const double Rounding = 1e-6;

    [Theory]
    [InlineData("digits")]
    [InlineData("digits-float")]
    [InlineData("seed")]
    public void Probabilities_do_not_depend_on_the_batch(string name)
    {
        using DigitClassifier classifier = DigitClassifier.Load(Repository.PathOf("models", name + ".onnx"));
        using ClassifierBatch alone = classifier.CreateBatch(1);
        float[][] expected = new float[Images][];
        for (int i = 0; i < Images; i++)
        {
            Draw(i, alone.Rows(0));
            alone.Run(1);
            expected[i] = alone.Probabilities(0).ToArray();
        }

        using ClassifierBatch batch = classifier.CreateBatch(Images);
        foreach (int count in new[] { 2, 3, 4, 7, 8, 16, 31, 32, 33 })
        {
            for (int n = 0; n < count; n++)
            {
                Draw(n + Images - count, batch.Rows(n));
            }

            batch.Run(count);

            for (int n = 0; n < count; n++)
            {
                batch.Probabilities(n).ToArray()
                    .ShouldBe(expected[n + Images - count], Rounding, $"image {n} of {count}");
            }
        }
    }

    /// <summary>Another stroke for each image: slanted, of its own ink and width.</summary>
    private static void Draw(int image, Span<float> rows)
    {
        rows.Clear();
        for (int y = 4; y < 24; y++)
        {
            int x = 8 + ((y - 4) * (image % 5) / 8) + (image % 3);
            rows.Slice((y * RowSequence.Features) + x, 1 + (image % 4)).Fill(0.4f + (0.018f * image));
        }
    }
}
