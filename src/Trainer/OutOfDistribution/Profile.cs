using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>A random function on [0, 1]: smooth, with corners, or in steps.</summary>
/// <param name="Knots">Values at even distances.</param>
/// <param name="Form">0 = straight between the knots, 1 = smooth, 2 = constant around each.</param>
/// <param name="IsClosed">Whether it ends where it starts.</param>
internal readonly record struct Profile(float[] Knots, int Form, bool IsClosed)
{
    public static Profile Choose(ref CounterRandom random, float least, float most, bool isClosed)
    {
        var knots = new float[3 + random.NextInt(6)];
        float spread = random.NextSingle();
        float middle = random.NextSingle();
        for (int k = 0; k < knots.Length; k++)
        {
            float value = Math.Clamp(middle + (spread * random.NextSymmetric(1)), 0, 1);
            knots[k] = least + ((most - least) * value);
        }

        float chance = random.NextSingle();
        return new Profile(knots, chance < 0.4f ? 0 : chance < 0.85f ? 1 : 2, isClosed);
    }

    /// <param name="t">From 0 to 1; what lies outside is as at the end.</param>
    public float At(float t)
    {
        float place = Math.Clamp(t, 0, 1) * (IsClosed ? Knots.Length : Knots.Length - 1);
        int left = Math.Min((int)place, Knots.Length - 1);
        int right = (left + 1) % Knots.Length;
        right = IsClosed ? right : Math.Max(right, left);
        float share = place - left;
        share = Form switch { 0 => share, 1 => share * share * (3 - (2 * share)), _ => MathF.Round(share) };
        return Knots[left] + (share * (Knots[right] - Knots[left]));
    }
}
