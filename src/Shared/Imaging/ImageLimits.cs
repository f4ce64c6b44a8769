namespace MnistLstm.Shared.Imaging;

/// <summary>What is still decoded. Judged from the picture's header, before anything is decoded.</summary>
/// <param name="MaxPixels">Width times height, at most. Default 50 million: a phone's largest photo.</param>
/// <param name="MaxSide">Width or height in pixels, at most.</param>
public readonly record struct ImageLimits(long MaxPixels, int MaxSide)
{
    public static ImageLimits Default { get; } = new(MaxPixels: 50_000_000, MaxSide: 16_384);

    public bool Allow(int width, int height) =>
        width <= MaxSide && height <= MaxSide && (long)width * height <= MaxPixels;
}
