namespace MnistLstm.Fuzz;

/// <summary>Small files of every kind that a decoder treats in its own way, by format.</summary>
internal static class Seeds
{
    public static Dictionary<string, IEnumerable<(string Name, byte[] File)>> ByFormat { get; } = new()
    {
        ["png"] = PngSeeds.All(),
        ["jpeg"] = JpegSeeds.All(),
        ["gif"] = GifSeeds.All(),
        ["bmp"] = BmpSeeds.All(),
        ["webp"] = WebPSeeds.All(),
    };

    /// <summary>A thick upright line on paper.</summary>
    public static byte Level(int x, int y, int width, int height) =>
        x > width * 0.4 && x < width * 0.6 && y > height / 5 && y < height * 4 / 5 ? (byte)20 : (byte)240;
}
