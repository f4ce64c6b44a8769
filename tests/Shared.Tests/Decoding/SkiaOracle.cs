using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Pixels;
using SkiaSharp;

namespace MnistLstm.Shared.Tests.Decoding;

/// <summary>
/// Decodes pictures by SkiaSharp, which the service does not use, so that what our decoders and ImageSharp give can be
/// compared with a third implementation. Luma, paper and reduction are the service's own.
/// </summary>
internal static class SkiaOracle
{
    private const int MinJpegSide = 256;

    /// <returns>Null where Skia refuses the file.</returns>
    public static GrayImage? Decode(byte[] file)
    {
        using SKData data = SKData.CreateCopy(file);
        using SKCodec? codec = SKCodec.Create(data);
        if (codec is null || codec.Info.IsEmpty)
        {
            return null;
        }

        SKSizeI size = codec.EncodedFormat == SKEncodedImageFormat.Jpeg
            ? codec.GetScaledDimensions(1f / JpegDivisor(codec.Info.Size))
            : codec.Info.Size;
        bool isGray = codec.Info.ColorType == SKColorType.Gray8;
        bool isOpaque = codec.Info.AlphaType == SKAlphaType.Opaque;
        var info = new SKImageInfo(
            size.Width,
            size.Height,
            isGray ? SKColorType.Gray8 : SKColorType.Rgba8888,
            isOpaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul);
        if (codec.GetPixels(info, out byte[] pixels) != SKCodecResult.Success)
        {
            return null;
        }

        int factor =
            (Math.Max(size.Width, size.Height) + ImageDecoder.MaxDecodedSide - 1) / ImageDecoder.MaxDecodedSide;
        using var rows = new GrayRows(size.Width, size.Height, factor);
        for (int y = 0; y < size.Height; y++)
        {
            ReadOnlySpan<byte> row = pixels.AsSpan(y * info.RowBytes, info.RowBytes);
            if (isGray)
            {
                rows.AddGray(row);
            }
            else
            {
                rows.AddRgba(row);
            }
        }

        return Orientation.Undo(rows.ToImage(), ImageHeader.Read(file).Orientation);
    }

    /// <summary>A JPEG is decoded at this fraction of its size, as <see cref="ImageDecoder"/> does.</summary>
    private static int JpegDivisor(SKSizeI size)
    {
        int longSide = Math.Max(size.Width, size.Height);
        return longSide >= 8 * MinJpegSide ? 8 : longSide >= 4 * MinJpegSide ? 4 : longSide >= 2 * MinJpegSide ? 2 : 1;
    }
}
