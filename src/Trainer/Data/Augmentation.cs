using MnistLstm.Shared;

namespace MnistLstm.Trainer.Data;

/// <summary>
/// Makes views of a digit: one affine map and one smooth displacement field, then stroke width, blur, darkness and
/// specks. The field is that of Simard, Steinkraus and Platt, 2003, with cubic B-splines on a 7-pixel grid instead of
/// their blurred noise.
/// </summary>
public sealed class Augmentation
{
    private const int Side = RowSequence.TimeSteps;
    private const int Pixels = RowSequence.Length;
    private const int Border = 2; // pixels of paper around the source, so that what lies outside is paper
    private const int Padded = Side + (2 * Border);

    private const float PalestInk = 0.3f; // how much of full ink the darkest stroke may lack

    private readonly float[] _source = new float[Padded * Padded];
    private readonly DisplacementField _field = new();
    private readonly float[] _image = new float[Pixels];
    private readonly float[] _filtered = new float[Pixels];

    /// <param name="source">[28, 28], row by row.</param>
    /// <param name="view">[28, 28], written.</param>
    /// <param name="pictureShare">Chance of <see cref="AugmentationRanges.Picture"/>, else
    /// <see cref="AugmentationRanges.Writer"/>.</param>
    public void MakeView(ReadOnlySpan<byte> source, Span<byte> view, float pictureShare, CounterRandom random)
    {
        AugmentationRanges ranges = random.NextSingle() < pictureShare
            ? AugmentationRanges.Picture
            : AugmentationRanges.Writer;
        Warp(source, ranges, ref random);
        ChangeStroke(random.NextSymmetric(ranges.Stroke));
        if (ranges.Blur > 0 && random.NextSingle() < 0.5f)
        {
            Blur(random.NextSingle() * ranges.Blur);
        }

        if (ranges.LogGamma > 0)
        {
            ChangeDarkness(MathF.Exp(random.NextSymmetric(ranges.LogGamma)), 1 - (PalestInk * random.NextSingle()));
        }

        if (random.NextSingle() < ranges.SpeckChance)
        {
            AddSpecks(ref random);
        }

        for (int p = 0; p < Pixels; p++)
        {
            view[p] = (byte)Math.Clamp(_image[p] + 0.5f, 0, RowSequence.MaxPixel);
        }
    }

    private void Warp(ReadOnlySpan<byte> source, AugmentationRanges ranges, ref CounterRandom random)
    {
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                _source[((y + Border) * Padded) + x + Border] = source[(y * Side) + x];
            }
        }

        float angle = random.NextSymmetric(ranges.Rotation) * (MathF.PI / 180);
        float shear = random.NextSymmetric(ranges.Shear);
        float scale = random.NextSymmetric(ranges.LogScale);
        float aspect = random.NextSymmetric(ranges.LogAspect) / 2;
        float shiftX = random.NextSymmetric(ranges.Shift);
        float shiftY = random.NextSymmetric(ranges.Shift);
        (float sin, float cos) = MathF.SinCos(angle);
        float zoomX = MathF.Exp(-scale - aspect);
        float zoomY = MathF.Exp(-scale + aspect);
        float xx = zoomX * (cos + (shear * sin));
        float xy = zoomX * (-sin + (shear * cos));
        float yx = zoomY * sin;
        float yy = zoomY * cos;

        _field.Draw(ranges.Elastic, ref random);
        const float center = (Side - 1) / 2f;
        for (int y = 0; y < Side; y++)
        {
            float fromY = y - center - shiftY;
            for (int x = 0; x < Side; x++)
            {
                (float bendX, float bendY) = _field.At(x, y);
                float fromX = x - center - shiftX;
                float sourceX = Math.Clamp((xx * fromX) + (xy * fromY) + center + bendX + Border, 0, Padded - 1.001f);
                float sourceY = Math.Clamp((yx * fromX) + (yy * fromY) + center + bendY + Border, 0, Padded - 1.001f);
                _image[(y * Side) + x] = Bilinear.Sample<float>(_source, Padded, sourceX, sourceY);
            }
        }
    }

    /// <summary>Gray dilation (amount above 0) or erosion (below 0) by a cross of 3 pixels, mixed in.</summary>
    private void ChangeStroke(float amount)
    {
        float share = MathF.Abs(amount);
        if (share < 0.05f)
        {
            return;
        }

        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                int p = (y * Side) + x;
                float here = _image[p];
                float left = x > 0 ? _image[p - 1] : 0;
                float right = x < Side - 1 ? _image[p + 1] : 0;
                float above = y > 0 ? _image[p - Side] : 0;
                float below = y < Side - 1 ? _image[p + Side] : 0;
                float extreme = amount > 0
                    ? MathF.Max(here, MathF.Max(MathF.Max(left, right), MathF.Max(above, below)))
                    : MathF.Min(here, MathF.Min(MathF.Min(left, right), MathF.Min(above, below)));
                _filtered[p] = here + (share * (extreme - here));
            }
        }

        _filtered.CopyTo(_image, 0);
    }

    /// <summary>The binomial filter [1 2 1]/4 in both directions, mixed in by the amount.</summary>
    private void Blur(float amount)
    {
        for (int p = 0; p < Pixels; p++)
        {
            int x = p % Side;
            float left = x > 0 ? _image[p - 1] : 0;
            float right = x < Side - 1 ? _image[p + 1] : 0;
            _filtered[p] = _image[p] + (amount * ((0.25f * (left + right)) - (0.5f * _image[p])));
        }

        for (int p = 0; p < Pixels; p++)
        {
            float above = p >= Side ? _filtered[p - Side] : 0;
            float below = p < Pixels - Side ? _filtered[p + Side] : 0;
            _image[p] = _filtered[p] + (amount * ((0.25f * (above + below)) - (0.5f * _filtered[p])));
        }
    }

    private void ChangeDarkness(float gamma, float darkest)
    {
        for (int p = 0; p < Pixels; p++)
        {
            if (_image[p] > 0)
            {
                _image[p] = RowSequence.MaxPixel * darkest * MathF.Pow(_image[p] / RowSequence.MaxPixel, gamma);
            }
        }
    }

    private void AddSpecks(ref CounterRandom random)
    {
        int specks = 1 + random.NextInt(3);
        for (int s = 0; s < specks; s++)
        {
            int p = random.NextInt(Pixels);
            float ink = 60 + (random.NextSingle() * 195);
            _image[p] = MathF.Max(_image[p], ink);
            if (p % Side > 0 && random.NextSingle() < 0.5f)
            {
                _image[p - 1] = MathF.Max(_image[p - 1], ink * random.NextSingle());
            }
        }
    }
}
