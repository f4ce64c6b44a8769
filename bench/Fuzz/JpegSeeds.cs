using MnistLstm.Support;

namespace MnistLstm.Fuzz;

/// <summary>JPEG files of every process, subsampling, color space and order of scans that decoders know.</summary>
internal static class JpegSeeds
{
    private static readonly JpegWriter.Sampling[] Gray = [new(1, 1)];
    private static readonly JpegWriter.Sampling[] Full = [new(1, 1), new(1, 1), new(1, 1)];
    private static readonly JpegWriter.Sampling[] Half = [new(2, 1), new(1, 1), new(1, 1)];
    private static readonly JpegWriter.Sampling[] Quarter = [new(2, 2), new(1, 1), new(1, 1)];
    private static readonly JpegWriter.Sampling[] Four = [new(1, 1), new(1, 1), new(1, 1), new(1, 1)];

    /// <summary>Long enough that the decoder for large photos takes it.</summary>
    private const int PhotoSide = 520;

    public static IEnumerable<(string Name, byte[] File)> All()
    {
        (string Name, JpegWriter.Sampling[] Samplings)[] layouts =
        [
            ("gray", Gray), ("444", Full), ("422", Half), ("420", Quarter),
            ("440", [new(1, 2), new(1, 1), new(1, 1)]), ("411", [new(4, 1), new(1, 1), new(1, 1)]),
        ];
        foreach ((string name, JpegWriter.Sampling[] samplings) in layouts)
        {
            var jpeg = new JpegWriter(20, 17, samplings);
            yield return ($"{name}.jpg", jpeg.Baseline());
            yield return ($"{name}-restarts.jpg", jpeg.Baseline(restartInterval: 2));
            yield return ($"{name}-progressive.jpg", jpeg.Progressive());
        }

        var color = new JpegWriter(20, 17, Quarter);
        byte[] baseline = color.Baseline();
        yield return ("separate-scans.jpg", color.Baseline(isInterleaved: false));
        yield return ("separate-scans-restarts.jpg", color.Baseline(isInterleaved: false, restartInterval: 1));
        yield return ("progressive-restarts.jpg", color.Progressive(restartInterval: 2));
        yield return ("extended.jpg", new JpegWriter(9, 9, Full) { Process = 0xC1 }.Baseline());
        yield return ("twelve-bit.jpg", new JpegWriter(9, 9, Gray) { Process = 0xC1, Precision = 12 }.Baseline());
        yield return ("arithmetic.jpg", new JpegWriter(9, 9, Gray) { Process = 0xC9 }.Baseline());
        yield return ("rgb.jpg", new JpegWriter(9, 9, Full) { AdobeTransform = 0 }.Baseline());
        yield return ("cmyk.jpg", new JpegWriter(9, 9, Four) { AdobeTransform = 0 }.Baseline());
        yield return ("ycck.jpg", new JpegWriter(9, 9, Four) { AdobeTransform = 2 }.Baseline());
        yield return ("cmyk-progressive.jpg", new JpegWriter(9, 9, Four) { AdobeTransform = 0 }.Progressive());
        yield return ("four-plain.jpg", new JpegWriter(9, 9, Four).Baseline());
        yield return ("wide-tables.jpg", new JpegWriter(9, 9, Gray) { HasWideTables = true }.Baseline());
        yield return ("turned.jpg", PictureFiles.WithOrientation(baseline, orientation: 6));
        yield return ("turned-progressive.jpg", PictureFiles.WithOrientation(color.Progressive(), orientation: 5));
        yield return ("segments.jpg", JpegWriter.WithSegments(
            baseline,
            (0xE0, [.. "JFIF\0"u8, 1, 2, 0, 0, 1, 0, 1, 0, 0]),
            (0xE2, [.. "ICC_PROFILE\0"u8, 1, 1, .. new byte[128]]),
            (0xED, [.. "Photoshop 3.0\0"u8, .. "8BIM"u8, 4, 4, 0, 0, 0, 0, 0, 0]),
            (0xE1, [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. "<x/>"u8]),
            (0xFE, [.. "a comment"u8])));
        yield return ("without-end.jpg", baseline[..^2]);
        yield return ("photo.jpg", new JpegWriter(PhotoSide, 24, Quarter).Baseline());
        yield return ("photo-gray-restarts.jpg", new JpegWriter(PhotoSide, 16, Gray).Baseline(restartInterval: 8));
        yield return ("photo-progressive.jpg", new JpegWriter(PhotoSide, 16, Half).Progressive());
    }
}
