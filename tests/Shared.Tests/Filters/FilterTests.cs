using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Tests.Filters;

/// <summary>
/// The vectorized filters give what their definitions say, to the last bit, whatever the picture's size.
/// </summary>
public sealed class FilterTests
{
    private const int Seed = 20_261;

    /// <summary>Below, at and above the lengths that vectors and blocks have, and some with a rest.</summary>
    public static TheoryData<int, int> Sizes => new()
    {
        { 1, 1 }, { 1, 40 }, { 40, 1 }, { 2, 2 }, { 7, 9 }, { 8, 8 }, { 16, 16 }, { 17, 15 }, { 31, 33 }, { 33, 32 },
        { 64, 24 }, { 65, 65 }, { 97, 41 }, { 130, 70 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_window_s_lightest_and_darkest_pixels_are_found(int width, int height)
    {
        foreach (GrayImage image in Images(width, height))
        {
            foreach (int radius in new[] { 0, 1, 2, 5, 16, 48 })
            {
                foreach (bool isMaximum in new[] { true, false })
                {
                    using GrayImage filtered = image.Copy();
                    Morphology.Filter(filtered, radius, isMaximum);
                    ShouldBe(filtered, PlainFilters.Window(image, radius, isMaximum),
                        $"radius {radius}, maximum {isMaximum}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_cross_s_lightest_and_darkest_pixels_are_found(int width, int height)
    {
        foreach (GrayImage image in Images(width, height))
        {
            foreach (bool isMaximum in new[] { true, false })
            {
                using GrayImage filtered = image.Copy();
                Morphology.FilterByCross(filtered, isMaximum);
                ShouldBe(filtered, PlainFilters.Cross(image, isMaximum), $"maximum {isMaximum}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_binomial_filter_is_the_mean_of_sixteen(int width, int height)
    {
        foreach (GrayImage image in Images(width, height))
        {
            using GrayImage filtered = image.Copy();
            Smoothing.Binomial(filtered);
            ShouldBe(filtered, PlainFilters.Binomial(image), "binomial");
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Scaling_is_the_area_average_or_linear(int width, int height)
    {
        foreach (GrayImage image in Images(width, height))
        {
            foreach ((int w, int h) in new[] { (1, 1), (width, height), (20, 20), (80, 51), ((2 * width) + 1, height),
                (width, (3 * height) + 2) })
            {
                using GrayImage scaled = Scaling.To(image, w, h);
                ShouldBe(scaled, PlainFilters.Scaled(image, w, h), $"to {w}x{h}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_width_of_strokes_is_twice_their_area_over_their_outline(int width, int height)
    {
        foreach (GrayImage image in Images(width, height))
        {
            double expected = PlainFilters.StrokeWidth(image);
            StrokeWidth.Measure(image).ShouldBe(expected, tolerance: 1e-6 * expected);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(32)]
    [InlineData(100_003)]
    public void Levels_are_summed_and_counted(int length)
    {
        byte[] levels = new byte[length];
        new Random(Seed).NextBytes(levels);
        int[] histogram = new int[256];

        PixelStatistics.Count(levels, histogram);

        PixelStatistics.Sum(levels).ShouldBe(levels.Sum(level => (long)level));
        PixelStatistics.SumOfClamped(levels, 30, 240)
            .ShouldBe(levels.Sum(level => (long)Math.Clamp(level, (byte)30, (byte)240)));
        PixelStatistics.CountBetween(levels, 0, 255).ShouldBe(length);
        PixelStatistics.CountBetween(levels, 128, 200).ShouldBe(levels.Count(level => level is >= 128 and <= 200));
        histogram.ShouldBe(Enumerable.Range(0, 256).Select(level => levels.Count(other => other == level)));
        foreach (int count in new[] { 1, length / 250, length / 3, length }.Where(count =>
            count > 0 && count <= length))
        {
            PixelStatistics.FromTop(histogram, count).ShouldBe(levels.Order().ElementAt(length - count));
        }
    }

    [Fact]
    public void The_sum_of_the_lightest_levels_does_not_overflow()
    {
        byte[] white = new byte[1_000_000];
        white.AsSpan().Fill(255);

        PixelStatistics.Sum(white).ShouldBe(255_000_000);
    }

    /// <summary>Noise, a drawing of black and white areas, and soft shades.</summary>
    private static IEnumerable<GrayImage> Images(int width, int height)
    {
        var random = new Random(Seed);
        yield return Image(width, height, (_, _) => random.Next(256));
        yield return Image(width, height, (x, y) => (x / 21 % 2 == 0) ^ (y / 13 % 2 == 0) ? 255 : 0);
        yield return Image(width, height, (x, y) => ((x * 3) + (y * 2)) % 256);
    }

    private static GrayImage Image(int width, int height, Func<int, int, int> pixel)
    {
        var image = new GrayImage(width, height);
        for (int i = 0; i < width * height; i++)
        {
            image.Pixels[i] = (byte)pixel(i % width, i / width);
        }

        return image;
    }

    private static void ShouldBe(GrayImage image, byte[] expected, string what) =>
        image.Pixels.SequenceEqual(expected).ShouldBeTrue($"{image.Width}x{image.Height}, {what}");
}
