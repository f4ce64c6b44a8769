using System.Globalization;
using MnistLstm.Shared.Models;
using SkiaSharp;

namespace MnistLstm.Bench.Pictures;

/// <summary>Numbers that were read wrongly, with a box around each digit.</summary>
internal sealed class NumberSheet : IDisposable
{
    private const int CellWidth = 480;
    private const int CellHeight = 190;
    private const int Margin = 18;
    private const int Columns = 3;
    private const int Rows = 9;

    private readonly SKBitmap _sheet = new(Columns * CellWidth, Rows * CellHeight);
    private readonly SKCanvas _canvas;
    private readonly SKPaint _paint = new() { Color = SKColors.Red, IsStroke = true };
    private readonly SKFont _font = new(SKTypeface.Default, 14);
    private int _count;

    public NumberSheet()
    {
        _canvas = new SKCanvas(_sheet);
        _canvas.Clear(SKColors.White);
    }

    public void Add(byte[] file, IReadOnlyList<ReadDigit> digits, string words)
    {
        Console.Error.WriteLine(words);
        if (_count < Columns * Rows)
        {
            using var picture = SKBitmap.Decode(file);
            float scale = Math.Min((CellWidth - 4f) / picture.Width, (CellHeight - Margin - 4f) / picture.Height);
            SKRect cell = SKRect.Create(
                _count % Columns * CellWidth, (_count / Columns * CellHeight)
                + Margin, picture.Width * scale, picture.Height * scale);
            _canvas.DrawBitmap(picture, cell, new SKSamplingOptions(SKFilterMode.Linear));
            _canvas.DrawText(words, cell.Left, cell.Top - 4, SKTextAlign.Left, _font, _paint);
            foreach (ReadDigit digit in digits)
            {
                SKRect box = SKRect.Create(
                    cell.Left + (digit.Box.Left * scale), cell.Top
                    + (digit.Box.Top * scale), digit.Box.Width * scale, digit.Box.Height * scale);
                _canvas.DrawRect(box, _paint);
                _canvas.DrawText(digit.Character.ToString(CultureInfo.InvariantCulture), box.Left, box.Top,
                    SKTextAlign.Left, _font, _paint);
            }
        }

        _count++;
    }

    public void Save(string path)
    {
        if (_count > 0)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using SKData data = _sheet.Encode(SKEncodedImageFormat.Png, quality: 100);
            File.WriteAllBytes(path, data.ToArray());
        }
    }

    public void Dispose()
    {
        _canvas.Dispose();
        _sheet.Dispose();
        _paint.Dispose();
        _font.Dispose();
    }
}
