namespace MnistLstm.Shared.Imaging;

/// <summary>Brings a picture to any size: by area average where it shrinks, linearly where it grows.</summary>
internal static class Scaling
{
    /// <param name="width">W of the result, in pixels.</param>
    /// <param name="height">H of the result, in pixels.</param>
    public static GrayImage To(GrayImage source, int width, int height)
    {
        using var narrow = new GrayImage(width, source.Height);
        for (int x = 0; x < width; x++)
        {
            Share share = new(source.Width, width, x);
            for (int y = 0; y < source.Height; y++)
            {
                narrow.Row(y)[x] = share.Of(source.Pixels, y * source.Width, step: 1);
            }
        }

        var scaled = new GrayImage(width, height);
        for (int y = 0; y < height; y++)
        {
            Share share = new(source.Height, height, y);
            Span<byte> row = scaled.Row(y);
            for (int x = 0; x < width; x++)
            {
                row[x] = share.Of(narrow.Pixels, x, step: width);
            }
        }

        return scaled;
    }

    /// <summary>The pixels of a line that make up one pixel of the scaled line: all of them fully, but the first and the last.</summary>
    private readonly struct Share
    {
        private readonly int _first;
        private readonly int _last;
        private readonly float _firstWeight;
        private readonly float _lastWeight;
        private readonly float _sum;

        /// <param name="count">Pixels of the line.</param>
        /// <param name="scaledCount">Pixels of the scaled line.</param>
        /// <param name="index">Which of those.</param>
        public Share(int count, int scaledCount, int index)
        {
            float length = (float)count / scaledCount;
            if (length >= 1)
            {
                float start = index * length;
                float end = start + length;
                _first = (int)start;
                _last = Math.Clamp((int)MathF.Ceiling(end) - 1, _first, count - 1);
                _firstWeight = _first == _last ? length : _first + 1 - start;
                _lastWeight = end - _last;
                _sum = length;
                return;
            }

            float centre = Math.Clamp(((index + 0.5f) * length) - 0.5f, 0, count - 1);
            _first = (int)centre;
            _last = Math.Min(_first + 1, count - 1);
            _lastWeight = centre - _first;
            _firstWeight = _first == _last ? 1 : 1 - _lastWeight;
            _sum = 1;
        }

        public byte Of(ReadOnlySpan<byte> pixels, int start, int step)
        {
            float sum = _firstWeight * pixels[start + (_first * step)];
            if (_last > _first)
            {
                for (int i = _first + 1; i < _last; i++)
                {
                    sum += pixels[start + (i * step)];
                }

                sum += _lastWeight * pixels[start + (_last * step)];
            }

            return (byte)Math.Clamp((sum / _sum) + 0.5f, 0, byte.MaxValue);
        }
    }
}
