using MnistLstm.Shared.Models;

namespace MnistLstm.Shared.Tests.Models;

public sealed class DigitClassifierTests : IDisposable
{
    private const int Capacity = 40;

    /// <summary>
    /// Kernels for another N may add up in another order; float32 probabilities then differ in the last bits.
    /// </summary>
    private const float BatchTolerance = 1e-6f;

    /// <summary>Ten float32 probabilities, each rounded once.</summary>
    private const float SumTolerance = 1e-5f;

    private readonly DigitClassifier _classifier = DigitClassifier.Load(Repository.PathOf("models", "digits.onnx"));

    public void Dispose() => _classifier.Dispose();

    [Fact]
    public void Every_number_of_images_up_to_the_capacity_gives_the_same_answers()
    {
        using ClassifierBatch batch = _classifier.CreateBatch(Capacity);
        float[][] alone = [.. Enumerable.Range(0, Capacity).Select(n => Alone(batch, n))];

        for (int count = 1; count <= Capacity; count++)
        {
            Fill(batch, count);
            batch.Run(count);

            for (int n = 0; n < count; n++)
            {
                Largest(batch.Probabilities(n), alone[n])
                    .ShouldBeLessThanOrEqualTo(BatchTolerance, $"image {n} of {count}");
            }
        }
    }

    [Fact]
    public void Probabilities_are_the_softmax_of_the_logits_over_the_temperature()
    {
        using ClassifierBatch batch = _classifier.CreateBatch(Capacity);
        Fill(batch, Capacity);
        batch.Run(Capacity);

        for (int n = 0; n < Capacity; n++)
        {
            double[] powers =
                [.. batch.Logits(n).ToArray().Select(logit => Math.Exp(logit / _classifier.Card.Temperature))];
            float[] expected = [.. powers.Select(power => (float)(power / powers.Sum()))];
            Largest(batch.Probabilities(n), expected).ShouldBeLessThanOrEqualTo(SumTolerance);
            batch.Probabilities(n).ToArray().Sum().ShouldBe(1, SumTolerance);
        }
    }

    [Fact]
    public void Data_in_the_batch_beyond_the_count_changes_nothing()
    {
        using ClassifierBatch batch = _classifier.CreateBatch(2);
        Fill(batch, 1);
        batch.Run(1);
        float[] before = batch.Probabilities(0).ToArray();

        batch.Rows(1).Fill(float.NaN);
        batch.Run(1);

        batch.Probabilities(0).ToArray().ShouldBe(before);
    }

    [Fact]
    public async Task Many_threads_may_compute_at_the_same_time()
    {
        float[][] alone;
        using (ClassifierBatch batch = _classifier.CreateBatch(1))
        {
            alone = [.. Enumerable.Range(0, 8).Select(n => Alone(batch, n))];
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(() =>
        {
            using ClassifierBatch batch = _classifier.CreateBatch(1);
            for (int round = 0; round < 100; round++)
            {
                Alone(batch, n).ShouldBe(alone[n]);
            }
        })));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(3)]
    public void Too_many_images_or_none_are_rejected(int count)
    {
        using ClassifierBatch batch = _classifier.CreateBatch(2);

        Should.Throw<ArgumentOutOfRangeException>(() => batch.Run(count));
        Should.Throw<ArgumentOutOfRangeException>(() => _classifier.CreateBatch(0));
    }

    private static float[] Alone(ClassifierBatch batch, int image)
    {
        RowSequence.FromPixels(Pixels(image), batch.Rows(0));
        batch.Run(1);
        return batch.Probabilities(0).ToArray();
    }

    private static void Fill(ClassifierBatch batch, int count)
    {
        for (int n = 0; n < count; n++)
        {
            RowSequence.FromPixels(Pixels(n), batch.Rows(n));
        }
    }

    /// <summary>
    /// A stroke that depends on the number: what the answer is does not matter, only that it is the same.
    /// </summary>
    private static byte[] Pixels(int image)
    {
        byte[] pixels = new byte[RowSequence.Length];
        for (int row = 4; row < 24; row++)
        {
            int column = 8 + (((row * (image + 3)) / 7) % 12);
            pixels[(row * RowSequence.Features) + column] = (byte)(255 - image);
            pixels[(row * RowSequence.Features) + column + 1] = 255;
        }

        return pixels;
    }

    private static float Largest(ReadOnlySpan<float> one, float[] other) =>
        one.ToArray().Zip(other, (a, b) => Math.Abs(a - b)).Max();
}
