namespace MnistLstm.Shared.Pixels;

/// <summary>A gray picture: H x W pixels, row by row from the top left, 0 = black to 255 = white.</summary>
/// <remarks>The pixels are in pooled memory until the picture is disposed of.</remarks>
public sealed class GrayImage : IDisposable
{
    private byte[]? _buffer;

    /// <summary>A picture with undefined pixels, since pooled memory is not cleared.</summary>
    public GrayImage(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);

        Width = width;
        Height = height;
        _buffer = PixelPool.Rent(checked(width * height));
    }

    /// <summary>W, in pixels.</summary>
    public int Width { get; }

    /// <summary>H, in pixels.</summary>
    public int Height { get; }

    /// <summary>[H, W], row by row.</summary>
    /// <exception cref="ObjectDisposedException">The picture was disposed of.</exception>
    public Span<byte> Pixels
    {
        get
        {
            ObjectDisposedException.ThrowIf(_buffer is null, this);
            return _buffer.AsSpan(0, Width * Height);
        }
    }

    /// <summary>Row <paramref name="y"/>, W pixels.</summary>
    public Span<byte> Row(int y) => Pixels.Slice(y * Width, Width);

    /// <summary>A copy of the picture.</summary>
    public GrayImage Copy()
    {
        var copy = new GrayImage(Width, Height);
        Pixels.CopyTo(copy.Pixels);
        return copy;
    }

    /// <summary>A part of the picture; <paramref name="right"/> and <paramref name="bottom"/> are exclusive.</summary>
    internal GrayImage Part(int left, int top, int right, int bottom)
    {
        var part = new GrayImage(right - left, bottom - top);
        for (int y = 0; y < part.Height; y++)
        {
            Row(top + y)[left..right].CopyTo(part.Row(y));
        }

        return part;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
        {
            PixelPool.Return(buffer);
        }
    }
}
