using MnistLstm.Shared.Imaging.Jpeg;
using MnistLstm.Shared.Imaging.Png;
using SkiaSharp;

namespace MnistLstm.Shared.Imaging;

/// <summary>Turns the bytes of a picture file into grey pixels. The only file that names an image library.</summary>
public static class ImageDecoder
{
    /// <summary>
    /// A picture with a longer side is reduced while it is decoded, by a whole factor and by area average: a digit
    /// ends in a box of 20 pixels, and this leaves 50 for each of them.
    /// </summary>
    public const int MaxDecodedSide = 1024;

    /// <summary>
    /// A JPEG is decoded at 1/2, 1/4 or 1/8 of its size by its own inverse cosine transform as long as this much of
    /// the longer side is left. Only photos are this large, and their pen strokes are several pixels wide.
    /// </summary>
    private const int MinJpegSide = 256;

    private const int StripBytes = 128 * 1024;
    private const int BytesPerColor = 4;

    /// <summary>Decodes a PNG, JPEG, WebP, GIF (first frame) or BMP file; the format is judged by its content.</summary>
    /// <remarks>
    /// <para>Colour becomes grey by <see cref="Luma"/>. What the EXIF data say of the camera's orientation is undone.</para>
    /// <para>
    /// Where a picture is transparent, paper shows through. If most of it is transparent, what is visible is the
    /// ink, and the paper is black under light ink, white under dark ink. If most of it is opaque, what is visible
    /// is mainly paper, and the transparent rest is made like it: white in a light picture, black in a dark one.
    /// </para>
    /// </remarks>
    /// <param name="encoded">The whole file.</param>
    /// <param name="limits">Checked against the header, before anything is decoded.</param>
    /// <param name="image">
    /// The picture, for the caller to dispose of, at most <see cref="MaxDecodedSide"/> pixels on its longer side;
    /// null where there is a problem.
    /// </param>
    public static ImageProblem Decode(ReadOnlySpan<byte> encoded, ImageLimits limits, out GrayImage? image)
    {
        image = null;
        ImageFormat format = ImageFormats.Recognize(encoded);
        if (format == ImageFormat.Unknown)
        {
            return ImageProblem.UnknownFormat;
        }

        if (format == ImageFormat.Png && DecodePlainPng(encoded, limits) is { } plain)
        {
            image = plain;
            return ImageProblem.None;
        }

        return DecodeByLibrary(encoded, format, limits, out image, alone: false);
    }

    /// <summary>Width times height by the header of a picture file; 0 where <see cref="Decode(ReadOnlySpan{byte}, ImageLimits, out GrayImage?)"/> would not decode it.</summary>
    public static long CountPixels(ReadOnlySpan<byte> encoded, ImageLimits limits)
    {
        (int width, int height) = ImageFormats.Recognize(encoded) switch
        {
            ImageFormat.Unknown => (0, 0),
            ImageFormat.Png => PngFile.ReadSize(encoded),
            _ => ReadSizeByLibrary(encoded),
        };
        return width > 0 && height > 0 && limits.Allow(width, height) ? (long)width * height : 0;
    }

    private static unsafe (int Width, int Height) ReadSizeByLibrary(ReadOnlySpan<byte> encoded)
    {
        fixed (byte* pointer = encoded)
        {
            using SKData data = SKData.Create((nint)pointer, encoded.Length);
            using SKCodec? codec = SKCodec.Create(data);
            return codec is null ? (0, 0) : (codec.Info.Width, codec.Info.Height);
        }
    }

    /// <summary>The most common files by our own decoder; null for all others.</summary>
    private static GrayImage? DecodePlainPng(ReadOnlySpan<byte> encoded, ImageLimits limits) =>
        PngFile.Read(encoded) is { } png && limits.Allow(png.Width, png.Height)
            ? PngDecoder.TryDecode(encoded, png, ReductionFactor(new SKSizeI(png.Width, png.Height)))
            : null;

    /// <inheritdoc cref="Decode(ReadOnlySpan{byte}, ImageLimits, out GrayImage?)"/>
    internal static unsafe ImageProblem DecodeByLibrary(
        ReadOnlySpan<byte> encoded, ImageFormat format, ImageLimits limits, out GrayImage? image, bool alone = true)
    {
        image = null;
        fixed (byte* pointer = encoded)
        {
            using SKData data = SKData.Create((nint)pointer, encoded.Length);
            using SKCodec? codec = SKCodec.Create(data);
            if (codec is null || codec.Info.IsEmpty)
            {
                return ImageProblem.Damaged;
            }

            if (!limits.Allow(codec.Info.Width, codec.Info.Height))
            {
                return ImageProblem.TooManyPixels;
            }

            if (!alone && format == ImageFormat.Jpeg && JpegDivisor(codec.Info.Size) is > 1 and var divisor)
            {
                image = DecodeReducedJpeg(encoded, codec, divisor);
            }

            return image is null ? Decode(codec, format, out image) : ImageProblem.None;
        }
    }

    /// <summary>Large photos by our own decoder; null for what is left to the library.</summary>
    private static GrayImage? DecodeReducedJpeg(ReadOnlySpan<byte> encoded, SKCodec codec, int divisor)
    {
        SKSizeI size = codec.GetScaledDimensions(1f / divisor);
        using var rows = new GrayRows(size.Width, size.Height, ReductionFactor(size), hasAlpha: false);
        return JpegDecoder.TryDecode(encoded, divisor, rows) ? Orientation.Undo(rows.ToImage(), (int)codec.EncodedOrigin) : null;
    }

    private static ImageProblem Decode(SKCodec codec, ImageFormat format, out GrayImage? image)
    {
        SKSizeI size = DecodedSize(codec, format);
        bool isGray = codec.Info.ColorType == SKColorType.Gray8;
        bool isOpaque = codec.Info.AlphaType == SKAlphaType.Opaque;
        var info = new SKImageInfo(
            size.Width,
            size.Height,
            isGray ? SKColorType.Gray8 : SKColorType.Bgra8888,
            isOpaque ? SKAlphaType.Opaque : SKAlphaType.Premul);

        using var rows = new GrayRows(size.Width, size.Height, ReductionFactor(size), hasAlpha: !isOpaque);
        bool complete = DecodesByScanlines(codec, format, info)
            ? ReadScanlines(codec, info, rows)
            : ReadWhole(codec, info, rows);
        if (!complete)
        {
            image = null;
            return ImageProblem.Damaged;
        }

        image = Orientation.Undo(rows.ToImage(), (int)codec.EncodedOrigin);
        return ImageProblem.None;
    }

    /// <summary>Width and height that the codec itself is asked for.</summary>
    private static SKSizeI DecodedSize(SKCodec codec, ImageFormat format)
    {
        switch (format)
        {
            case ImageFormat.Jpeg:
                return codec.GetScaledDimensions(1f / JpegDivisor(codec.Info.Size));
            case ImageFormat.WebP:
                return codec.GetScaledDimensions(1f / ReductionFactor(codec.Info.Size));
            default:
                return codec.Info.Size;
        }
    }

    private static int JpegDivisor(SKSizeI size)
    {
        int longSide = Math.Max(size.Width, size.Height);
        int divisor = 8;
        while (divisor > 1 && longSide / divisor < MinJpegSide)
        {
            divisor /= 2;
        }

        return divisor;
    }

    private static int ReductionFactor(SKSizeI size) =>
        (Math.Max(size.Width, size.Height) + MaxDecodedSide - 1) / MaxDecodedSide;

    private static bool DecodesByScanlines(SKCodec codec, ImageFormat format, SKImageInfo info) =>
        format is ImageFormat.Jpeg or ImageFormat.Bmp
        && codec.ScanlineOrder == SKCodecScanlineOrder.TopDown
        && codec.StartScanlineDecode(info) == SKCodecResult.Success;

    /// <summary>A strip at a time, so that the colours of the whole picture are never in memory at once.</summary>
    private static unsafe bool ReadScanlines(SKCodec codec, SKImageInfo info, GrayRows rows)
    {
        int stripHeight = Math.Clamp(StripBytes / info.RowBytes, 1, info.Height);
        byte[] strip = PixelPool.Rent(stripHeight * info.RowBytes);
        try
        {
            fixed (byte* pointer = strip)
            {
                for (int y = 0; y < info.Height; y += stripHeight)
                {
                    int count = Math.Min(stripHeight, info.Height - y);
                    if (codec.GetScanlines((nint)pointer, count, info.RowBytes) != count)
                    {
                        return false;
                    }

                    Add(strip, info, count, rows);
                }
            }

            return true;
        }
        finally
        {
            PixelPool.Return(strip);
        }
    }

    private static unsafe bool ReadWhole(SKCodec codec, SKImageInfo info, GrayRows rows)
    {
        using var buffer = new DecodingBuffer(info.BytesSize);
        Span<byte> pixels = buffer.Bytes;
        fixed (byte* pointer = pixels)
        {
            if (codec.GetPixels(info, (nint)pointer) != SKCodecResult.Success)
            {
                return false;
            }
        }

        Add(pixels, info, info.Height, rows);
        return true;
    }

    private static void Add(ReadOnlySpan<byte> pixels, SKImageInfo info, int count, GrayRows rows)
    {
        for (int y = 0; y < count; y++)
        {
            ReadOnlySpan<byte> row = pixels.Slice(y * info.RowBytes, info.RowBytes);
            if (info.BytesPerPixel == BytesPerColor)
            {
                rows.AddBgra(row);
            }
            else
            {
                rows.AddGray(row);
            }
        }
    }
}
