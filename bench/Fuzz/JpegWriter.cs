namespace MnistLstm.Fuzz;

/// <summary>
/// Writes JPEG files (ITU-T T.81) whose coefficients it makes up: a decoder meets every kind of code.
/// </summary>
internal sealed class JpegWriter(int width, int height, JpegWriter.Sampling[] samplings)
{
    private const int BlockSide = 8;
    private const int LastCoefficient = 63;

    /// <summary>Blocks across and down that a component has in each MCU.</summary>
    internal readonly record struct Sampling(int Across, int Down);

    /// <summary>The marker of the frame: C0 baseline, C1 extended, C2 progressive, C9 arithmetic.</summary>
    public byte Process { get; init; } = 0xC0;

    public byte Precision { get; init; } = 8;

    public byte? AdobeTransform { get; init; }

    /// <summary>Whether the quantization table has 16 bits.</summary>
    public bool HasWideTables { get; init; }

    private int MostAcross => samplings.Max(sampling => sampling.Across);

    private int MostDown => samplings.Max(sampling => sampling.Down);

    public byte[] Baseline(bool isInterleaved = true, int restartInterval = 0)
    {
        var file = new List<byte>();
        AddHeaders(file, Process, restartInterval);
        foreach (int[] components in isInterleaved ? [All()] : All().Select(i => new[] { i }))
        {
            AddScan(file, components, new JpegScanWriter(0, LastCoefficient, 0, 0), restartInterval);
        }

        file.AddRange([0xFF, 0xD9]);
        return [.. file];
    }

    /// <summary>All scans that there are: first bits and further ones, of first and of later coefficients.</summary>
    public byte[] Progressive(int restartInterval = 0)
    {
        var file = new List<byte>();
        AddHeaders(file, 0xC2, restartInterval);
        AddScan(file, All(), new JpegScanWriter(0, 0, 0, 1), restartInterval);
        foreach (int component in All())
        {
            AddScan(file, [component], new JpegScanWriter(1, 5, 0, 1), restartInterval);
            AddScan(file, [component], new JpegScanWriter(6, LastCoefficient, 0, 1), restartInterval);
            AddScan(file, [component], new JpegScanWriter(1, LastCoefficient, 1, 0), restartInterval);
        }

        AddScan(file, All(), new JpegScanWriter(0, 0, 1, 0), restartInterval);
        file.AddRange([0xFF, 0xD9]);
        return [.. file];
    }

    /// <summary>The same file with segments behind its start.</summary>
    public static byte[] WithSegments(byte[] jpeg, params (byte Marker, byte[] Content)[] segments)
    {
        var file = new List<byte> { 0xFF, 0xD8 };
        foreach ((byte marker, byte[] content) in segments)
        {
            AddSegment(file, marker, content);
        }

        file.AddRange(jpeg.AsSpan(2));
        return [.. file];
    }

    private int[] All() => [.. Enumerable.Range(0, samplings.Length)];

    private void AddHeaders(List<byte> file, byte process, int restartInterval)
    {
        file.AddRange([0xFF, 0xD8]);
        if (AdobeTransform is { } transform)
        {
            AddSegment(file, 0xEE, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, transform]);
        }

        byte[] table = [.. Enumerable.Range(0, 64).Select(i => (byte)(4 + (i / 8)))];
        AddSegment(
            file, 0xDB, HasWideTables ? [0x10, .. table.SelectMany(value => new byte[] { 0, value })] : [0, .. table]);
        AddSegment(file, process,
        [
            Precision, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, (byte)samplings.Length,
            .. samplings.SelectMany((sampling, i) =>
                new byte[] { (byte)(i + 1), (byte)((sampling.Across << 4) | sampling.Down), 0 }),
        ]);
        if (restartInterval > 0)
        {
            AddSegment(file, 0xDD, [(byte)(restartInterval >> 8), (byte)restartInterval]);
        }
    }

    private void AddScan(List<byte> file, int[] components, JpegScanWriter scan, int restartInterval)
    {
        int unit = 0;
        foreach ((int Component, int X, int Y)[] blocks in Units(components))
        {
            if (restartInterval > 0 && unit > 0 && unit % restartInterval == 0)
            {
                scan.Restart();
            }

            unit++;
            foreach ((int component, int x, int y) in blocks)
            {
                scan.Add(component, Coefficients(component, x, y));
            }
        }

        (byte[] tables, byte[] data) = scan.Finish();
        AddSegment(file, 0xC4, tables);
        AddSegment(file, 0xDA,
        [
            (byte)components.Length, .. components.SelectMany(i => new byte[] { (byte)(i + 1), 0 }),
            (byte)scan.First, (byte)scan.Last, (byte)((scan.High << 4) | scan.Low),
        ]);
        file.AddRange(data);
    }

    /// <summary>MCUs of several components; of one alone, its blocks without those that only fill up an MCU.</summary>
    private IEnumerable<(int Component, int X, int Y)[]> Units(int[] components)
    {
        if (components is [var only])
        {
            int across = Blocks(width, samplings[only].Across, MostAcross);
            int down = Blocks(height, samplings[only].Down, MostDown);
            return Enumerable.Range(0, across * down).Select(i => new[] { (only, i % across, i / across) });
        }

        int mcusAcross = Blocks(width, 1, MostAcross);
        int mcusDown = Blocks(height, 1, MostDown);
        return Enumerable.Range(0, mcusAcross * mcusDown).Select(i =>
            components.SelectMany(component => BlocksOf(component, i % mcusAcross, i / mcusAcross)).ToArray());
    }

    private IEnumerable<(int Component, int X, int Y)> BlocksOf(int component, int mcuX, int mcuY)
    {
        (int across, int down) = samplings[component];
        return Enumerable.Range(0, across * down)
            .Select(i => (component, (mcuX * across) + (i % across), (mcuY * down) + (i / across)));
    }

    private static int Blocks(int side, int sampling, int most)
    {
        int samples = ((side * sampling) + most - 1) / most;
        return (samples + BlockSide - 1) / BlockSide;
    }

    /// <summary>A few coefficients of either sign, near and far; none but the first in every third block.</summary>
    private static int[] Coefficients(int component, int x, int y)
    {
        int[] coefficients = new int[64];
        int seed = (component * 7) + (x * 3) + (y * 5);
        coefficients[0] = (seed * 37 % 200) - 100;
        if (seed % 3 > 0)
        {
            coefficients[1] = (seed % 15) - 7;
            coefficients[4] = seed % 2 == 0 ? 1 : -1;
            coefficients[9] = -2;
            coefficients[30] = (seed % 5) - 2;
            coefficients[62] = seed % 2;
        }

        return coefficients;
    }

    private static void AddSegment(List<byte> file, byte marker, byte[] content)
    {
        int length = content.Length + 2;
        file.AddRange([0xFF, marker, (byte)(length >> 8), (byte)length, .. content]);
    }
}
