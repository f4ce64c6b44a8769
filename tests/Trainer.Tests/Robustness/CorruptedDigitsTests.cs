using MnistLstm.Bench.Robustness;
using MnistLstm.Shared;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.Tests.Robustness;

public sealed class CorruptedDigitsTests
{
    private const int Seed = 3;
    private const int Side = RowSequence.Features;
    private const int Images = 200;

    /// <summary>An ellipse's ring, like a 0.</summary>
    private static readonly DigitSet Rings = Repeat(Plane.From((x, y) =>
        MathF.Abs(MathF.Sqrt(((x - 13.5f) * (x - 13.5f) / 36) + ((y - 13.5f) * (y - 13.5f) / 81)) - 1) < 0.2f ? 1 : 0));

    public static TheoryData<Corruption> All => [.. Enum.GetValues<Corruption>()];

    [Theory]
    [MemberData(nameof(All))]
    public void A_corruption_changes_the_image_and_depends_on_the_seed_alone(Corruption corruption)
    {
        DigitSet corrupted = CorruptedDigits.Make(Rings, corruption, Seed);

        corrupted.Pixels.ShouldNotBe(Rings.Pixels);
        corrupted.Labels.ShouldBe(Rings.Labels);
        CorruptedDigits.Make(Rings, corruption, Seed).Pixels.ShouldBe(corrupted.Pixels);
        bool isRandom = corruption
            is not (Corruption.Scale or Corruption.Brightness or Corruption.Stripe or Corruption.CannyEdges);
        corrupted.Image(0).SequenceEqual(corrupted.Image(1)).ShouldBe(!isRandom);
        CorruptedDigits.Make(Rings, corruption, Seed + 1).Pixels.SequenceEqual(corrupted.Pixels).ShouldBe(!isRandom);
    }

    [Fact]
    public void All_fifteen_corruptions_of_the_paper_exist() => All.Count.ShouldBe(15);

    [Fact]
    public void Shot_noise_leaves_paper_and_three_photons_of_ink()
    {
        DigitSet noisy = CorruptedDigits.Make(Rings, Corruption.ShotNoise, Seed);

        noisy.Pixels.Zip(Rings.Pixels).Where(pair => pair.Second == 0).ShouldAllBe(pair => pair.First == 0);
        byte[] levels = [.. noisy.Pixels.Distinct().Order()];
        levels.ShouldBe([0, 85, 170, 255]); // none, one, two, three or more of three photons
    }

    [Fact]
    public void Impulse_noise_makes_17_percent_of_the_pixels_black_or_white()
    {
        const double tolerance = 0.01; // over ten standard deviations for 156,800 pixels
        DigitSet noisy = CorruptedDigits.Make(Rings, Corruption.ImpulseNoise, Seed);

        int changed = noisy.Pixels.Zip(Rings.Pixels).Count(pair => pair.First != pair.Second);

        ((double)changed / noisy.Pixels.Length).ShouldBe(0.17 / 2, tolerance); // half of them keep their value
    }

    [Theory]
    [InlineData(Corruption.GlassBlur)]
    [InlineData(Corruption.MotionBlur)]
    public void Blur_keeps_the_amount_of_ink_and_makes_it_softer(Corruption corruption)
    {
        const double tolerance = 0.1; // of the ink; some is moved over the edge
        DigitSet blurred = CorruptedDigits.Make(Rings, corruption, Seed);

        Ink(blurred).ShouldBe(Ink(Rings), tolerance * Ink(Rings));
        int gray = blurred.Pixels.Count(pixel => pixel is > 20 and < 235);
        gray.ShouldBeGreaterThan(Rings.Pixels.Count(pixel => pixel > 0) / 2);
    }

    [Fact]
    public void Translation_is_by_three_pixels_along_both_axes()
    {
        DigitSet moved = CorruptedDigits.Make(Rings, Corruption.Translate, Seed);

        for (int n = 0; n < Images; n++)
        {
            (int left, int top, _, _) = Box(moved.Image(n));
            (int cleanLeft, int cleanTop, _, _) = Box(Rings.Image(n));
            Math.Abs(left - cleanLeft).ShouldBe(3);
            Math.Abs(top - cleanTop).ShouldBe(3);
        }
    }

    [Fact]
    public void Scaling_is_to_70_percent()
    {
        DigitSet small = CorruptedDigits.Make(Rings, Corruption.Scale, Seed);

        (_, _, int width, int height) = Box(small.Image(0));
        (_, _, int cleanWidth, int cleanHeight) = Box(Rings.Image(0));
        ((double)width).ShouldBe(0.7 * cleanWidth, 1); // the edge is between two pixels
        ((double)height).ShouldBe(0.7 * cleanHeight, 1);
    }

    [Theory]
    [InlineData(Corruption.Rotate)]
    [InlineData(Corruption.Shear)]
    public void Rotating_and_shearing_keep_the_center_and_go_either_way(Corruption corruption)
    {
        DigitSet turned = CorruptedDigits.Make(Rings, corruption, Seed);

        double[] slants = [.. Enumerable.Range(0, Images).Select(n => Slant(turned.Image(n)))];
        slants.ShouldContain(slant => slant > 0.1);
        slants.ShouldContain(slant => slant < -0.1);
        (int left, int top, int width, int height) = Box(turned.Image(0));
        (left + (width / 2.0)).ShouldBe(Side / 2.0, 1);
        (top + (height / 2.0)).ShouldBe(Side / 2.0, 1);
    }

    [Fact]
    public void Brightness_adds_half_of_the_range() =>
        CorruptedDigits.Make(Rings, Corruption.Brightness, Seed).Pixels.Distinct().Order()
            .ShouldBe(new byte[] { 128, 255 });

    [Fact]
    public void Left_and_right_of_the_stripe_the_image_is_inverted()
    {
        DigitSet striped = CorruptedDigits.Make(Rings, Corruption.Stripe, Seed);

        for (int p = 0; p < RowSequence.Length; p++)
        {
            byte clean = Rings.Pixels[p];
            striped.Pixels[p].ShouldBe(p % Side is < 7 or >= 21 ? (byte)(255 - clean) : clean);
        }
    }

    [Fact]
    public void Fog_covers_the_paper_and_leaves_the_digit_lighter()
    {
        DigitSet foggy = CorruptedDigits.Make(Rings, Corruption.Fog, Seed);

        double ink = foggy.Pixels.Zip(Rings.Pixels).Where(pair => pair.Second == 255).Average(pair => pair.First);
        double paper = foggy.Pixels.Zip(Rings.Pixels).Where(pair => pair.Second == 0).Average(pair => pair.First);
        paper.ShouldBeGreaterThan(40);
        (ink - paper).ShouldBe(255 / 4.0, 4); // what 1 + 3 units of light leave of one; both are over random clouds
    }

    [Fact]
    public void Mud_is_of_one_tone_over_paper_and_covers_ink()
    {
        DigitSet muddy = CorruptedDigits.Make(Rings, Corruption.Spatter, Seed);

        (byte Muddy, byte Clean)[] pairs = [.. muddy.Pixels.Zip(Rings.Pixels)];
        pairs.Where(pair => pair.Clean == 0).Max(pair => pair.Muddy).ShouldBe((byte)63);
        pairs.ShouldContain(pair => pair.Clean == 255 && pair.Muddy == 63);
        pairs.ShouldContain(pair => pair.Clean == 255 && pair.Muddy == 255);
    }

    [Theory]
    [InlineData(Corruption.DottedLine)]
    [InlineData(Corruption.Zigzag)]
    public void Lines_add_ink_and_remove_none(Corruption corruption)
    {
        DigitSet lined = CorruptedDigits.Make(Rings, corruption, Seed);

        lined.Pixels.Zip(Rings.Pixels).ShouldAllBe(pair => pair.First >= pair.Second);
        Box(Rings.Image(0)).Width.ShouldBeLessThan(16);
        double width = Enumerable.Range(0, Images).Average(n => Box(lined.Image(n)).Width);
        width.ShouldBeGreaterThan(20); // nearly from side to side
    }

    [Fact]
    public void Edges_are_thin_closed_lines_around_the_ink()
    {
        DigitSet edges = CorruptedDigits.Make(Rings, Corruption.CannyEdges, Seed);

        edges.Pixels.Distinct().Order().ShouldBe(new byte[] { 0, 255 });
        int inked = edges.Image(0).ToArray().Count(pixel => pixel == 255);
        inked.ShouldBeInRange(60, 160); // two ellipses of about 48 and 30 pixels around, one to two pixels thick
    }

    private static DigitSet Repeat(Plane image)
    {
        byte[] pixels = new byte[Images * RowSequence.Length];
        for (int n = 0; n < Images; n++)
        {
            image.ToPixels(pixels.AsSpan(n * RowSequence.Length, RowSequence.Length));
        }

        return new DigitSet(pixels, new byte[Images]);
    }

    private static double Ink(DigitSet images) => images.Pixels.Sum(pixel => (double)pixel);

    private static (int Left, int Top, int Width, int Height) Box(ReadOnlySpan<byte> image)
    {
        List<int> inked = Inked(image);
        int left = inked.Min(p => p % Side);
        int top = inked.Min(p => p / Side);
        return (left, top, inked.Max(p => p % Side) - left + 1, inked.Max(p => p / Side) - top + 1);
    }

    /// <summary>Columns to the right for each row down, by least squares.</summary>
    private static double Slant(ReadOnlySpan<byte> image)
    {
        List<int> inked = Inked(image);
        double meanX = inked.Average(p => p % Side);
        double meanY = inked.Average(p => p / Side);
        double covariance = inked.Sum(p => ((p % Side) - meanX) * ((p / Side) - meanY));
        return covariance / inked.Sum(p => ((p / Side) - meanY) * ((p / Side) - meanY));
    }

    private static List<int> Inked(ReadOnlySpan<byte> image)
    {
        var inked = new List<int>();
        for (int p = 0; p < image.Length; p++)
        {
            if (image[p] > 64)
            {
                inked.Add(p);
            }
        }

        return inked;
    }
}
