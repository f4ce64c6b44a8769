namespace MnistLstm.Support.HardPictures;

internal static class RandomExtensions
{
    /// <summary>A random number from <paramref name="least"/> up to <paramref name="most"/>, uniform.</summary>
    public static float Between(this Random random, float least, float most) =>
        least + (random.NextSingle() * (most - least));
}
