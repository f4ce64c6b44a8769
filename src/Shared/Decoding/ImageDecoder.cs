using MnistLstm.Shared.Decoding.Jpeg;
using MnistLstm.Shared.Decoding.Png;
using MnistLstm.Shared.Pixels;
using SkiaSharp;

namespace MnistLstm.Shared.Decoding;

/// <summary>Turns the bytes of a picture file into gray pixels. The only file that names an image library.</summary>
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

    /// <summary>Creates what receives the rows of a picture; null where they are not wanted after all.</summary>
    private delegate T? CreateRows<T>(SKImageInfo info, int factor)
        where T : class, IPixelRows;

    /// <summary>Decodes a PNG, JPEG, WebP, GIF (first frame) or BMP file; the format is judged by its content.</summary>
    /// <remarks>
    /// <para>Color becomes gray by <see cref="Luma"/>. The camera's orientation in the EXIF data is undone.</para>
    /// <para>
    /// Where a picture is transparent, paper shows through. If most of it is transparent, what is visible is the
    /// ink, and the paper is black under light ink, white under dark ink. If most of it is opaque, what is visible
    /// is mainly paper, and the transparent rest is made like it: white in a light picture, black in a dark one.
    /// </para>
    /// </remarks>
    /// <param name="encoded">The whole file.</param>
    /// <param name="header">The file's header.</param>
    /// <param name="limits">Checked against the header, before anything is decoded.</param>
    /// <param name="image">
    /// The picture, for the caller to dispose of, at most <see cref="MaxDecodedSide"/> pixels on its longer side;
    /// null where there is a problem.
    /// </param>
    /// <param name="stop">Ends the work; checked after every few rows of a JPEG or BMP file.</param>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public static ImageProblem Decode(
        ReadOnlySpan<byte> encoded,
        in ImageHeader header,
        ImageLimits limits,
        out GrayImage? image,
        CancellationToken stop = default)
    {
        image = null;
        ImageProblem problem = limits.Check(header);
        if (problem != ImageProblem.None)
        {
            return problem;
        }

        image = header.Format switch
        {
            ImageFormat.Png => DecodePlainPng(encoded, header),
            ImageFormat.Jpeg => DecodeReducedJpeg(encoded, header, stop),
            _ => null,
        };
        if (image is not null)
        {
            image = Orientation.Undo(image, header.Orientation);
            return ImageProblem.None;
        }

        return DecodeByLibrary(encoded, header, out image, stop);
    }

    /// <inheritdoc cref="Decode(ReadOnlySpan{byte}, in ImageHeader, ImageLimits, out GrayImage?, CancellationToken)"/>
    public static ImageProblem Decode(ReadOnlySpan<byte> encoded, ImageLimits limits, out GrayImage? image) =>
        Decode(encoded, ImageHeader.Read(encoded), limits, out image);

    /// <summary>
    /// Decodes the colors of a picture, without their light, along the axis on which they differ most.
    /// </summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="header">The file's header.</param>
    /// <param name="limits">Checked against the header, before anything is decoded.</param>
    /// <param name="stop">Ends the work; checked after every few rows of a JPEG or BMP file.</param>
    /// <returns>
    /// A picture of the size that <c>Decode</c> gives; null where the file has no colors or is damaged.
    /// </returns>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public static GrayImage? DecodeColors(
        ReadOnlySpan<byte> encoded, in ImageHeader header, ImageLimits limits, CancellationToken stop)
    {
        if (limits.Check(header) != ImageProblem.None)
        {
            return null;
        }

        ReadByLibrary(
            encoded,
            header,
            (info, factor) =>
                info.BytesPerPixel == BytesPerColor ? new ColorRows(info.Width, info.Height, factor) : null,
            out ColorRows? rows,
            stop);
        using (rows)
        {
            return rows?.ToImage() is { } image ? Orientation.Undo(image, header.Orientation) : null;
        }
    }

    internal static ImageProblem DecodeByLibrary(
        ReadOnlySpan<byte> encoded,
        in ImageHeader header,
        out GrayImage? image,
        CancellationToken stop = default)
    {
        ImageProblem problem = ReadByLibrary(
            encoded,
            header,
            (info, factor) => new GrayRows(info.Width, info.Height, factor, hasAlpha: !info.IsOpaque),
            out GrayRows? rows,
            stop);
        using (rows)
        {
            image = rows is null ? null : Orientation.Undo(rows.ToImage(), header.Orientation);
            return problem;
        }
    }

    /// <summary>The most common files by our own decoder; null for all others.</summary>
    private static GrayImage? DecodePlainPng(ReadOnlySpan<byte> encoded, in ImageHeader header) =>
        PngFile.Read(encoded) is { } png
            ? PngDecoder.TryDecode(encoded, png, ReductionFactor(new SKSizeI(png.Width, png.Height)))
            : null;

    /// <summary>Large photos by our own decoder; null for what is left to the library.</summary>
    private static GrayImage? DecodeReducedJpeg(
        ReadOnlySpan<byte> encoded, in ImageHeader header, CancellationToken stop)
    {
        int divisor = JpegDivisor(new SKSizeI(header.Width, header.Height));
        if (divisor == 1 || !header.IsBaselineJpeg)
        {
            return null;
        }

        var size = new SKSizeI((header.Width + divisor - 1) / divisor, (header.Height + divisor - 1) / divisor);
        using var rows = new GrayRows(size.Width, size.Height, ReductionFactor(size), hasAlpha: false);
        return JpegDecoder.TryDecode(encoded, divisor, rows, stop) ? rows.ToImage() : null;
    }

    /// <param name="rows">
    /// All of the picture's rows, for the caller to dispose of; null where there is a problem or none are wanted.
    /// </param>
    private static ImageProblem ReadByLibrary<T>(
        ReadOnlySpan<byte> encoded,
        in ImageHeader header,
        CreateRows<T> create,
        out T? rows,
        CancellationToken stop)
        where T : class, IPixelRows
    {
        ImageProblem problem = ReadWholeFile(encoded, header, create, out rows, stop);
        return problem == ImageProblem.Damaged && header.IsBaselineJpeg && JpegDecoder.LacksOnlyEnd(encoded, stop)
            ? ReadWholeFile([.. encoded, .. JpegDecoder.EndOfFile], header, create, out rows, stop)
            : problem;
    }

    private static unsafe ImageProblem ReadWholeFile<T>(
        ReadOnlySpan<byte> encoded,
        in ImageHeader header,
        CreateRows<T> create,
        out T? rows,
        CancellationToken stop)
        where T : class, IPixelRows
    {
        rows = null;
        fixed (byte* pointer = encoded)
        {
            using SKData data = SKData.Create((nint)pointer, encoded.Length);
            using SKCodec? codec = SKCodec.Create(data);
            if (codec is null || codec.Info.IsEmpty)
            {
                return ImageProblem.Damaged;
            }

            // The library enlarges a GIF's canvas to hold its first frame; what was allowed is the canvas.
            if ((long)codec.Info.Width * codec.Info.Height > header.Pixels)
            {
                return ImageProblem.Damaged;
            }

            SKSizeI size = DecodedSize(codec, header.Format);
            bool isGray = codec.Info.ColorType == SKColorType.Gray8;
            bool isOpaque = codec.Info.AlphaType == SKAlphaType.Opaque;
            var info = new SKImageInfo(
                size.Width,
                size.Height,
                isGray ? SKColorType.Gray8 : SKColorType.Bgra8888,
                isOpaque ? SKAlphaType.Opaque : SKAlphaType.Premul);
            rows = create(info, ReductionFactor(size));
            bool isComplete = rows is null || (DecodesByScanlines(codec, header.Format, info)
                ? ReadScanlines(codec, info, rows, stop)
                : ReadWhole(codec, info, rows));
            if (!isComplete)
            {
                rows!.Dispose();
                rows = null;
                return ImageProblem.Damaged;
            }

            return ImageProblem.None;
        }
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

    /// <summary>A strip at a time, so that the colors of the whole picture are never in memory at once.</summary>
    private static unsafe bool ReadScanlines(SKCodec codec, SKImageInfo info, IPixelRows rows, CancellationToken stop)
    {
        int stripHeight = Math.Clamp(StripBytes / info.RowBytes, 1, info.Height);
        byte[] strip = PixelPool.Rent(stripHeight * info.RowBytes);
        try
        {
            fixed (byte* pointer = strip)
            {
                for (int y = 0; y < info.Height; y += stripHeight)
                {
                    stop.ThrowIfCancellationRequested();
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

    private static unsafe bool ReadWhole(SKCodec codec, SKImageInfo info, IPixelRows rows)
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

    private static void Add(ReadOnlySpan<byte> pixels, SKImageInfo info, int count, IPixelRows rows)
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
