using MnistLstm.Shared;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Recipes;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MnistLstm.Trainer.Training;

/// <summary>Turns, scales and moves training images a little.</summary>
public static class AffineWarp
{
    /// <param name="rows">[B, T, I] intensities.</param>
    /// <param name="step">With the seed, all that the warps depend on.</param>
    /// <param name="first">Place of the first image in the step's batch.</param>
    /// <returns>[B, T, I] intensities</returns>
    public static Tensor Apply(Tensor rows, TrainingOptions options, int step, int first = 0)
    {
        if (options is { Rotation: 0, Scale: 0, Shift: 0 })
        {
            return rows;
        }

        const float toGrid = 2f / RowSequence.TimeSteps; // the grid's coordinates run from -1 to 1
        int count = (int)rows.shape[0];
        var maps = new float[count * 6]; // [B, 2, 3]
        for (int b = 0; b < count; b++)
        {
            var random = new CounterRandom(options.RandomSeed, RandomPurpose.Augmentation, step, first + b);
            (float sin, float cos) = MathF.SinCos(random.NextSymmetric((float)options.Rotation) * MathF.PI / 180);
            float zoom = MathF.Exp(random.NextSymmetric((float)options.Scale));
            float shiftX = random.NextSymmetric((float)options.Shift) * toGrid;
            float shiftY = random.NextSymmetric((float)options.Shift) * toGrid;
            ReadOnlySpan<float> map = [zoom * cos, -zoom * sin, shiftX, zoom * sin, zoom * cos, shiftY];
            map.CopyTo(maps.AsSpan(b * 6));
        }

        Tensor images = rows.unsqueeze(1); // [B, 1, T, I]
        Tensor grid = F.affine_grid(tensor(maps, [count, 2, 3]), images.shape, align_corners: false);
        return F.grid_sample(images, grid, align_corners: false).squeeze(1); // bilinear, 0 outside
    }
}
