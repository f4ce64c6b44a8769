using System.Runtime.InteropServices;
using MnistLstm.Shared.Decoding.Jpeg;
using MnistLstm.Shared.Decoding.Png;
using MnistLstm.Shared.Pixels;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Advanced;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.Metadata;
using SixLabors.ImageSharp.PixelFormats;
using JpegDecoder = MnistLstm.Shared.Decoding.Jpeg.JpegDecoder;
using LibraryJpegDecoder = SixLabors.ImageSharp.Formats.Jpeg.JpegDecoder;

namespace MnistLstm.Shared.Decoding;

/// <summary>Decodes a picture file to gray pixels. Only this file refers to an image library.</summary>
public static class ImageDecoder
{
    /// <summary>
    /// A picture with a longer side is reduced by a whole factor and by area average during decoding. A digit ends up
    /// in a box of 20 pixels, so this leaves 50 pixels for each of them.
    /// </summary>
    public const int MaxDecodedSide = 1024;

    /// <summary>
    /// A JPEG is decoded at 1/2, 1/4 or 1/8 of its size by a smaller inverse cosine transform. At least this many
    /// pixels of the longer side are left. Only photos are this large, and their pen strokes are several pixels wide.
    /// </summary>
    public const int OneDigitSide = 256;

    /// <summary>
    /// The same for several digits, which are smaller: of 20 photos with digits as high as an 80th of the longer side,
    /// 17 are read instead of one.
    /// </summary>
    public const int DigitsSide = 512;

    /// <summary>The largest block that the library may allocate: that of a GIF or BMP.</summary>
    private const int MaxAllocationMegabytes = (int)((long)ImageLimits.BytesPerPixel * ImageLimits.MostPixels >> 20);

    /// <summary>Memory that the library keeps between pictures; larger blocks are freed at once.</summary>
    private const int MaxPoolMegabytes = 4;

    /// <summary>
    /// Restricts the library to decoding four formats, without metadata, on the calling thread. Our own decoder reads
    /// all PNG files. There is no encoder, and <see cref="ImageFormats"/> chooses the decoder.
    /// </summary>
    internal static Configuration Library { get; } = CreateConfiguration();

    /// <summary>Decodes a PNG, JPEG, WebP, GIF (first frame) or BMP file.</summary>
    /// <remarks>
    /// <para>Color becomes gray by <see cref="Luma"/>. The camera's orientation in the EXIF data is undone.</para>
    /// <para>
    /// Paper shows through the transparent parts of a picture. If most of it is transparent, the visible part is ink.
    /// The paper is then black under light ink, white under dark ink. If most of it is opaque, the visible part is
    /// mainly paper. The transparent rest is then made like it: white in a light picture, black in a dark one.
    /// </para>
    /// </remarks>
    /// <param name="encoded">The whole file.</param>
    /// <param name="header">The file's header.</param>
    /// <param name="limits">Checked against the header, before anything is decoded.</param>
    /// <param name="image">The picture, at most <see cref="MaxDecodedSide"/> pixels on its longer side, which the
    /// caller disposes of; null if there is a problem.</param>
    /// <param name="leastSide">Pixels that a JPEG's longer side keeps, if it has as many.</param>
    /// <param name="stop">Cancels the work; checked every few rows, for formats other than JPEG after decoding.</param>
    /// <exception cref="OperationCanceledException">The work was canceled.</exception>
    public static ImageProblem Decode(
        ReadOnlySpan<byte> encoded,
        in ImageHeader header,
        ImageLimits limits,
        out GrayImage? image,
        int leastSide = OneDigitSide,
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
            ImageFormat.Jpeg when header.Jpeg is { HasLuma: true } jpeg =>
                JpegDecoder.Decode(
                    encoded, jpeg, component: 0, JpegDivisor(header.Width, header.Height, leastSide), stop),
            ImageFormat.Png => DecodePng(encoded, header, CreateGrayRows(header), stop),
            _ => DecodeByLibrary(encoded, header, stop),
        };
        if (image is null)
        {
            return ImageProblem.Damaged;
        }

        image = Orientation.Undo(image, header.Orientation);
        return ImageProblem.None;
    }

    /// <inheritdoc
    /// cref="Decode(ReadOnlySpan{byte}, in ImageHeader, ImageLimits, out GrayImage?, int, CancellationToken)"/>
    public static ImageProblem Decode(ReadOnlySpan<byte> encoded, ImageLimits limits, out GrayImage? image) =>
        Decode(encoded, ImageHeader.Read(encoded), limits, out image);

    /// <summary>Decodes the colors of a picture without their luma, along the axis of their largest variance.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="header">The file's header.</param>
    /// <param name="limits">Checked against the header, before anything is decoded.</param>
    /// <param name="stop">Cancels the work; checked every few rows, for formats other than JPEG after decoding.</param>
    /// <returns>A picture with the aspect ratio of the result of <c>Decode</c>; null if the file has no colors or is
    /// damaged.</returns>
    /// <exception cref="OperationCanceledException">The work was canceled.</exception>
    public static GrayImage? DecodeColors(
        ReadOnlySpan<byte> encoded, in ImageHeader header, ImageLimits limits, CancellationToken stop)
    {
        bool isGray = header.Jpeg is { Components.Length: 1 } || header.Png is { HasColor: false };
        if (isGray || limits.Check(header) != ImageProblem.None)
        {
            return null;
        }

        GrayImage? colors = header.Format switch
        {
            ImageFormat.Jpeg when header.Jpeg is { HasLuma: true } jpeg
                && JpegDivisor(header.Width, header.Height, OneDigitSide) > 1 => DecodeChroma(encoded, jpeg, stop),
            ImageFormat.Png => DecodePng(encoded, header, CreateColorRows(header), stop),
            _ => DecodeByLibrary(encoded, header, CreateColorRows(header), stop),
        };
        return colors is null ? null : Orientation.Undo(colors, header.Orientation);
    }

    /// <summary>The factor by which a picture is reduced to <see cref="MaxDecodedSide"/>.</summary>
    internal static int ReductionFactor(int width, int height) =>
        (Math.Max(width, height) + MaxDecodedSide - 1) / MaxDecodedSide;

    private static GrayRows CreateGrayRows(in ImageHeader header) =>
        new(header.Width, header.Height, ReductionFactor(header.Width, header.Height));

    private static ColorRows CreateColorRows(in ImageHeader header) =>
        new(header.Width, header.Height, ReductionFactor(header.Width, header.Height));

    /// <param name="rows">Disposed of.</param>
    private static GrayImage? DecodePng(
        ReadOnlySpan<byte> encoded, in ImageHeader header, IPixelRows rows, CancellationToken stop)
    {
        using (rows)
        {
            return header.Png is { } png && PngDecoder.TryDecode(encoded, png, rows, stop) ? rows.ToImage() : null;
        }
    }

    private static GrayImage? DecodeByLibrary(
        ReadOnlySpan<byte> encoded, in ImageHeader header, CancellationToken stop)
    {
        // The library fills damaged parts with gray.
        if (header.Jpeg is { } jpeg)
        {
            using GrayImage? first = JpegDecoder.Decode(encoded, jpeg, component: 0, divisor: 8, stop);
            if (first is null)
            {
                return null;
            }
        }

        return DecodeByLibrary(encoded, header, CreateGrayRows(header), stop);
    }

    /// <param name="rows">Disposed of.</param>
    private static GrayImage? DecodeByLibrary(
        ReadOnlySpan<byte> encoded, in ImageHeader header, IPixelRows rows, CancellationToken stop)
    {
        if (header.Jpeg is not null && !encoded.EndsWith(JpegHeader.EndOfFile))
        {
            // Without the end marker, the library does not draw the last blocks.
            byte[] whole = [.. encoded, .. JpegHeader.EndOfFile];
            encoded = whole;
        }
        else if (header.PictureEnd > 0)
        {
            encoded = encoded[..header.PictureEnd];
        }

        if (!header.FirstFrame.Equals(default))
        {
            byte[] still = WebPHeader.ToStill(encoded, header);
            ImageHeader ofStill = WebPHeader.Read(still);
            bool isSame = ofStill.Problem == ImageProblem.None && ofStill.FirstFrame.Equals(default)
                && (ofStill.Width, ofStill.Height) == (header.Width, header.Height);
            if (!isSame)
            {
                rows.Dispose();
                return null;
            }

            return DecodeByLibrary(still, ofStill, rows, stop);
        }

        using (rows)
        using (Image<Rgba32>? image = Load(encoded, header, stop))
        {
            if (image is null || image.Width != header.Width || image.Height != header.Height)
            {
                return null;
            }

            for (int y = 0; y < image.Height; y++)
            {
                stop.ThrowIfCancellationRequested();
                Span<Rgba32> row = image.DangerousGetPixelRowMemory(y).Span;
                if (header.HasReservedByte)
                {
                    foreach (ref Rgba32 pixel in row)
                    {
                        pixel.A = byte.MaxValue;
                    }
                }

                rows.AddRgba(MemoryMarshal.AsBytes(row));
            }

            return rows.ToImage();
        }
    }

    /// <returns>Null if the library rejects the file.</returns>
    private static unsafe Image<Rgba32>? Load(
        ReadOnlySpan<byte> encoded, in ImageHeader header, CancellationToken stop)
    {
        IImageDecoder decoder = Library.ImageFormatsManager.FindDecoder(FormatOf(header.Format));
        fixed (byte* start = encoded)
        {
            using var file = new UnmanagedMemoryStream(start, encoded.Length);
            try
            {
                // The library may find another header, of a picture that is too large.
                IImageInfo? info = ((IImageInfoDetector)decoder).Identify(Library, file, stop);
                if ((info?.Width, info?.Height) != (header.Width, header.Height))
                {
                    return null;
                }

                file.Position = 0;
                return decoder.Decode<Rgba32>(Library, file, stop);
            }
            catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
            {
                // The library's own exceptions and those of streams. For some damaged files, also exceptions from
                // missing checks: an index out of range, a division by zero.
                return null;
            }
        }
    }

    /// <summary>Cb and Cr of a large photo, which are at most as large as its luma.</summary>
    private static GrayImage? DecodeChroma(ReadOnlySpan<byte> encoded, JpegHeader jpeg, CancellationToken stop)
    {
        (int width, int height) = jpeg.SizeOf(component: 1);

        // Colors at half the width but the full height would be distorted.
        if (jpeg.SizeOf(component: 2) != (width, height) || (width < jpeg.Width) != (height < jpeg.Height))
        {
            return null;
        }

        int divisor = JpegDivisor(width, height, OneDigitSide);
        using GrayImage? cb = JpegDecoder.Decode(encoded, jpeg, component: 1, divisor, stop);
        using GrayImage? cr = cb is null ? null : JpegDecoder.Decode(encoded, jpeg, component: 2, divisor, stop);
        return cr is null ? null : ColorRows.AlongPrincipalAxis(cb!, cr);
    }

    private static int JpegDivisor(int width, int height, int leastSide)
    {
        int longSide = Math.Max(width, height);
        int divisor = 8;
        while (divisor > 1 && longSide / divisor < leastSide)
        {
            divisor /= 2;
        }

        return divisor;
    }

    private static Configuration CreateConfiguration()
    {
        var configuration = new Configuration
        {
            MaxDegreeOfParallelism = 1,
            PreferContiguousImageBuffers = true,
            MemoryAllocator = MemoryAllocator.Create(new MemoryAllocatorOptions
            {
                AllocationLimitMegabytes = MaxAllocationMegabytes,
                MaximumPoolSizeMegabytes = MaxPoolMegabytes,
            }),
        };
        ImageFormatManager formats = configuration.ImageFormatsManager;
        formats.SetDecoder(JpegFormat.Instance, new LibraryJpegDecoder { IgnoreMetadata = true });
        formats.SetDecoder(WebpFormat.Instance, new WebpDecoder { IgnoreMetadata = true });
        formats.SetDecoder(
            GifFormat.Instance, new GifDecoder { IgnoreMetadata = true, DecodingMode = FrameDecodingMode.First });
        formats.SetDecoder(BmpFormat.Instance, new BmpDecoder());
        return configuration;
    }

    private static IImageFormat FormatOf(ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => JpegFormat.Instance,
        ImageFormat.WebP => WebpFormat.Instance,
        ImageFormat.Gif => GifFormat.Instance,
        _ => BmpFormat.Instance,
    };
}
