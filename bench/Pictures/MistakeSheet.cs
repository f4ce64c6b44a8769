using MnistLstm.Shared.Pixels;
using SkiaSharp;

namespace MnistLstm.Bench.Pictures;

/// <summary>Pictures that were read wrongly, each beside the 28x28 pixels that the network saw.</summary>
internal sealed class MistakeSheet : IDisposable
{
    private const int Side = 140;
    private const int Columns = 5;
    private const int Rows = 6;

    private readonly SKBitmap _sheet = new(Columns * 2 * (Side + 2), Rows * (Side + 2));
    private readonly SKCanvas _canvas;
    private int _count;

    public MistakeSheet()
    {
        _canvas = new SKCanvas(_sheet);
        _canvas.Clear(new SKColor(0, 60, 120));
    }

    public void Add(GrayImage picture, ReadOnlySpan<byte> pixels, string words)
    {
        if (_count < Columns * Rows)
        {
            int x = _count % Columns * 2 * (Side + 2);
            int y = _count / Columns * (Side + 2);
            Draw(picture.Pixels, picture.Width, picture.Height, x, y);
            Draw(pixels, 28, 28, x + Side, y);
            Console.Error.Write($"{words}; ");
        }

        _count++;
    }

    public void Save(string path)
    {
        if (_count == 0)
        {
            return;
        }

        Console.Error.WriteLine(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using SKData data = _sheet.Encode(SKEncodedImageFormat.Png, quality: 100);
        File.WriteAllBytes(path, data.ToArray());
    }

    public void Dispose()
    {
        _canvas.Dispose();
        _sheet.Dispose();
    }

    private void Draw(ReadOnlySpan<byte> pixels, int width, int height, int x, int y)
    {
        float scale = (float)Side / Math.Max(width, height);
        using SKBitmap picture = SKBitmap.Decode(MnistLstm.Support.Pictures.GrayPng(pixels, width, height));
        _canvas.DrawBitmap(picture, SKRect.Create(x, y, width * scale, height * scale), new SKSamplingOptions(SKFilterMode.Linear));
    }
}
