using System.Runtime.CompilerServices;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Filters;

/// <summary>Extends a picture beyond its borders.</summary>
internal static class ReflectPadding
{
    /// <summary>
    /// Mirrors the picture at its borders, in position and in level (odd reflection), so that a gradient of light
    /// continues beyond them.
    /// </summary>
    /// <param name="margin">In pixels, on each side.</param>
    [MethodImpl(PixelLoop.Compilation)]
    public static GrayImage Extend(GrayImage image, int margin)
    {
        var extended = new GrayImage(image.Width + (2 * margin), image.Height + (2 * margin));
        for (int y = 0; y < image.Height; y++)
        {
            Span<byte> row = extended.Row(y + margin);
            ReadOnlySpan<byte> source = image.Row(y);
            source.CopyTo(row[margin..]);
            for (int i = 1; i <= margin; i++)
            {
                int inside = Math.Min(i, image.Width - 1);
                row[margin - i] = Mirror(source[0], source[inside]);
                row[margin + image.Width - 1 + i] = Mirror(source[^1], source[^(inside + 1)]);
            }
        }

        for (int i = 1; i <= margin; i++)
        {
            int inside = Math.Min(i, image.Height - 1);
            Mirror(extended.Row(margin), extended.Row(margin + inside), extended.Row(margin - i));
            int last = margin + image.Height - 1;
            Mirror(extended.Row(last), extended.Row(last - inside), extended.Row(last + i));
        }

        return extended;
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void Mirror(ReadOnlySpan<byte> border, ReadOnlySpan<byte> inside, Span<byte> outside)
    {
        for (int x = 0; x < outside.Length; x++)
        {
            outside[x] = Mirror(border[x], inside[x]);
        }
    }

    private static byte Mirror(byte border, byte inside) => (byte)Math.Clamp((2 * border) - inside, 0, byte.MaxValue);
}
