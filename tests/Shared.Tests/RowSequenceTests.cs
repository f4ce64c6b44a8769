namespace MnistLstm.Shared.Tests;

public sealed class RowSequenceTests
{
    [Fact]
    public void A_pixel_is_divided_by_255_bit_for_bit()
    {
        byte[] pixels = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        var rows = new float[256];

        RowSequence.FromPixels(pixels, rows);

        rows.ShouldBe([.. Enumerable.Range(0, 256).Select(value => value / 255f)]);
        rows[0].ShouldBe(0);
        rows[255].ShouldBe(1);
    }

    [Fact]
    public void Time_goes_from_top_to_bottom_and_features_from_left_to_right()
    {
        byte[] pixels = new byte[RowSequence.Length];
        pixels[(2 * 28) + 5] = 255;
        var rows = new float[RowSequence.Length];

        RowSequence.FromPixels(pixels, rows);

        rows[(2 * RowSequence.Features) + 5].ShouldBe(1);
        rows.Sum().ShouldBe(1);
    }

    [Fact]
    public void Several_images_are_written_in_order()
    {
        byte[] pixels =
            [.. Enumerable.Repeat((byte)51, RowSequence.Length), .. Enumerable.Repeat((byte)255, RowSequence.Length)];
        var rows = new float[2 * RowSequence.Length];

        RowSequence.FromPixels(pixels, rows);

        rows[..RowSequence.Length].ShouldAllBe(value => value == 0.2f);
        rows[RowSequence.Length..].ShouldAllBe(value => value == 1);
    }
}
