using System.Runtime.InteropServices;
using SkiaSharp;

namespace MnistLstm.Support.HardPictures;

/// <summary>
/// Light that falls on paper with ink on it, as a camera takes it. One value a pixel: share of white, 0 to 1.
/// </summary>
public sealed class Photo
{
    private readonly Random _random;
    private readonly float[] _light;

    /// <param name="paper">Light of the paper; white paper in full light has 1.</param>
    public Photo(int width, int height, float paper, Random random)
    {
        Width = width;
        Height = height;
        _random = random;
        _light = new float[width * height];
        _light.AsSpan().Fill(paper);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Ink takes light away: from paper to the ink's own level.</summary>
    /// <param name="ink">[height, width], share of ink, 0 to 255.</param>
    /// <param name="level">The reflectance of the ink.</param>
    /// <param name="unevenness">Maximum share of missing ink, 0 to 1.</param>
    public void Write(byte[] ink, float level, float unevenness = 0)
    {
        float[] missing = unevenness > 0 ? Grain(scale: Math.Max(2, Width / 60)) : [];
        for (int i = 0; i < _light.Length; i++)
        {
            float share = ink[i] / 255f;
            share *= missing.Length > 0 ? 1 - (unevenness * missing[i]) : 1;
            _light[i] += share * (level - _light[i]);
        }
    }

    /// <summary>Light falls off from one side to the other.</summary>
    /// <param name="falloff">Share that is lost over the whole picture.</param>
    public void FallOff(float falloff)
    {
        float angle = Symmetric(MathF.PI);
        ForEach((x, y) =>
            1 - (falloff * (0.5f + (((x - 0.5f) * MathF.Cos(angle)) + ((y - 0.5f) * MathF.Sin(angle))) * 0.7f)));
    }

    /// <summary>A shadow with a soft edge.</summary>
    /// <param name="darkness">Share of light that it takes.</param>
    /// <param name="softness">Width of its edge, in shares of the picture.</param>
    public void CastShadow(float darkness, float softness)
    {
        float angle = Symmetric(MathF.PI);
        float offset = Symmetric(0.3f);
        ForEach((x, y) =>
        {
            float distance = ((x - 0.5f) * MathF.Cos(angle)) + ((y - 0.5f) * MathF.Sin(angle)) - offset;
            return 1 - (darkness * Math.Clamp((distance / softness) + 0.5f, 0, 1));
        });
    }

    /// <summary>Unevenness of the paper, in larger and smaller patches.</summary>
    public void Roughen(float amount)
    {
        foreach (int scale in (ReadOnlySpan<int>)[2, 5, Math.Max(Width / 12, 8)])
        {
            float[] grain = Grain(scale);
            for (int i = 0; i < _light.Length; i++)
            {
                _light[i] *= 1 + (amount * (grain[i] - 0.5f));
            }
        }
    }

    /// <summary>The printed box of a form.</summary>
    /// <param name="box">In pixels.</param>
    /// <param name="darkness">Share of light that its lines take.</param>
    public void PrintBox(SKRect box, float darkness)
    {
        float line = Math.Max(1, Math.Min(Width, Height) * 0.012f);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                bool isInside = x >= box.Left && x < box.Right && y >= box.Top && y < box.Bottom;
                bool isFarInside = x >= box.Left + line && x < box.Right - line && y >= box.Top + line
                    && y < box.Bottom - line;
                _light[(y * Width) + x] *= isInside && !isFarInside ? 1 - darkness : 1;
            }
        }
    }

    /// <summary>A lamp's reflection: paper and ink become lighter, up to white.</summary>
    /// <param name="strength">Share of the missing light that is added in its middle.</param>
    /// <param name="radius">In shares of the picture.</param>
    public void Reflect(float strength, float radius)
    {
        float left = _random.NextSingle();
        float top = _random.NextSingle();
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                float away = MathF.Pow(((float)x / Width) - left, 2) + MathF.Pow(((float)y / Height) - top, 2);
                ref float light = ref _light[(y * Width) + x];
                light += strength * 0.6f * MathF.Exp(-away / (2 * radius * radius)) * (1 - light);
            }
        }
    }

    /// <summary>Printed lines.</summary>
    /// <param name="spacing">In pixels.</param>
    /// <param name="darkness">Share of light that they take.</param>
    /// <param name="isSquared">Also the other way.</param>
    public void Rule(float spacing, float darkness, bool isSquared)
    {
        float angle = Symmetric(0.06f);
        float width = 1 + (_random.NextSingle() * spacing / 40);
        float first = _random.NextSingle() * spacing;
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                float down = Distance((y * MathF.Cos(angle)) + (x * MathF.Sin(angle)) + first, spacing);
                float across = isSquared
                    ? Distance((x * MathF.Cos(angle)) - (y * MathF.Sin(angle)) + first, spacing)
                    : spacing;
                float line = Math.Clamp(width - Math.Min(down, across) + 0.5f, 0, 1);
                _light[(y * Width) + x] *= 1 - (darkness * line);
            }
        }
    }

    /// <summary>Something else than the paper shows beyond a slanted edge at one side.</summary>
    /// <param name="depth">Its depth, as a share of the picture.</param>
    /// <param name="level">The reflectance.</param>
    public void ShowTable(float depth, float level)
    {
        int side = _random.Next(4);
        float slant = Symmetric(0.06f);
        float[] grain = Grain(scale: 6);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                float u = (float)x / Width;
                float v = (float)y / Height;
                float distance = side switch
                {
                    0 => u + (slant * v),
                    1 => 1 - u + (slant * v),
                    2 => v + (slant * u),
                    _ => 1 - v + (slant * u),
                };
                int i = (y * Width) + x;
                _light[i] = distance < depth ? level * (0.85f + (0.3f * grain[i])) : _light[i];
            }
        }
    }

    /// <summary>Spots of ink.</summary>
    public void Splash(int count, float largest, float level)
    {
        for (int i = 0; i < count; i++)
        {
            float radius = 0.5f + (_random.NextSingle() * largest);
            int middleX = _random.Next(Width);
            int middleY = _random.Next(Height);
            for (int y = Math.Max(0, (int)(middleY - radius)); y < Math.Min(Height, middleY + radius + 1); y++)
            {
                for (int x = Math.Max(0, (int)(middleX - radius)); x < Math.Min(Width, middleX + radius + 1); x++)
                {
                    float distance = MathF.Sqrt(((x - middleX) * (x - middleX)) + ((y - middleY) * (y - middleY)));
                    float share = Math.Clamp(radius - distance + 0.5f, 0, 1);
                    _light[(y * Width) + x] += share * (level - _light[(y * Width) + x]);
                }
            }
        }
    }

    /// <summary>The noise of the sensor.</summary>
    /// <param name="deviation">Standard deviation.</param>
    public void AddNoise(float deviation)
    {
        for (int i = 0; i < _light.Length; i++)
        {
            _light[i] += deviation * (_random.NextSingle() + _random.NextSingle() + _random.NextSingle()
                + _random.NextSingle() - 2) * 1.7f;
        }
    }

    /// <summary>Dark becomes light: chalk on a board.</summary>
    public void Invert()
    {
        for (int i = 0; i < _light.Length; i++)
        {
            _light[i] = 1 - _light[i];
        }
    }

    /// <summary>[height, width], gray.</summary>
    public byte[] ToPixels() => [.. _light.Select(light => (byte)Math.Clamp((light * 255) + 0.5f, 0, 255))];

    /// <summary>The picture file, its grays between two colors.</summary>
    /// <param name="blur">Radius in pixels, as out of focus.</param>
    public byte[] Encode(SKColor black, SKColor white, float blur, SKEncodedImageFormat format, int quality)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Span<byte> target =
            MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(bitmap.GetPixelSpan()), Width * Height * 4);
        byte[] pixels = ToPixels();
        for (int i = 0; i < pixels.Length; i++)
        {
            target[4 * i] = Between(black.Red, white.Red, pixels[i]);
            target[(4 * i) + 1] = Between(black.Green, white.Green, pixels[i]);
            target[(4 * i) + 2] = Between(black.Blue, white.Blue, pixels[i]);
            target[(4 * i) + 3] = 255;
        }

        if (blur <= 0)
        {
            using SKData sharp = bitmap.Encode(format, quality);
            return sharp.ToArray();
        }

        using var blurred = new SKBitmap(bitmap.Info);
        using var canvas = new SKCanvas(blurred);
        using var filter = SKImageFilter.CreateBlur(blur, blur, SKShaderTileMode.Clamp);
        using var paint = new SKPaint { ImageFilter = filter };
        canvas.DrawBitmap(bitmap, SKPoint.Empty, SKSamplingOptions.Default, paint);
        using SKData data = blurred.Encode(format, quality);
        return data.ToArray();
    }

    private static byte Between(byte black, byte white, byte level) => (byte)(black + ((white - black) * level / 255));

    private static float Distance(float position, float spacing)
    {
        float rest = MathF.Abs(position % spacing);
        return Math.Min(rest, spacing - rest);
    }

    /// <summary>Value noise, 0 to 1: random values at knots, linearly between.</summary>
    private float[] Grain(int scale)
    {
        int columns = (Width / scale) + 2;
        int rows = (Height / scale) + 2;
        float[] knots = [.. Enumerable.Range(0, columns * rows).Select(_ => _random.NextSingle())];
        float[] grain = new float[Width * Height];
        for (int y = 0; y < Height; y++)
        {
            int row = y / scale;
            float down = (float)(y % scale) / scale;
            for (int x = 0; x < Width; x++)
            {
                int at = (row * columns) + (x / scale);
                float across = (float)(x % scale) / scale;
                float upper = knots[at] + (across * (knots[at + 1] - knots[at]));
                float lower = knots[at + columns] + (across * (knots[at + columns + 1] - knots[at + columns]));
                grain[(y * Width) + x] = upper + (down * (lower - upper));
            }
        }

        return grain;
    }

    private void ForEach(Func<float, float, float> factor)
    {
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                _light[(y * Width) + x] *= factor((float)x / Width, (float)y / Height);
            }
        }
    }

    private float Symmetric(float limit) => ((2 * _random.NextSingle()) - 1) * limit;
}
