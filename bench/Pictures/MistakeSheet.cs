using MnistLstm.Shared.Models;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;
using SkiaSharp;

namespace MnistLstm.Bench.Pictures;

/// <summary>Pictures that were read wrongly, each beside its candidates, the one that was read first.</summary>
internal sealed class MistakeSheet : IDisposable
{
    private const int Side = 140;
    private const int Columns = 2 + DigitReader.MaxCandidates;
    private const int Rows = 14;

    private readonly SKBitmap _sheet = new(Columns * (Side + 2), Rows * (Side + 2));
    private readonly SKCanvas _canvas;
    private int _count;

    public MistakeSheet()
    {
        _canvas = new SKCanvas(_sheet);
        _canvas.Clear(new SKColor(0, 60, 120));
    }

    public void Add(GrayImage picture, IReadOnlyList<DigitCandidate> candidates, DigitReading? reading, string words)
    {
        if (_count < Rows)
        {
            int y = _count * (Side + 2);
            Draw(picture.Pixels, picture.Width, picture.Height, 0, y);
            IEnumerable<DigitCandidate> shown = reading is null ? candidates : candidates.Prepend(reading.Candidate);
            foreach ((int column, DigitCandidate candidate) in shown.Index())
            {
                Draw(candidate.Pixels, 28, 28, (column + 1) * (Side + 2), y);
            }

            Console.Error.WriteLine(words);
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
        _canvas.DrawBitmap(picture, SKRect.Create(x, y, width * scale, height * scale),
            new SKSamplingOptions(SKFilterMode.Linear));
    }
}
