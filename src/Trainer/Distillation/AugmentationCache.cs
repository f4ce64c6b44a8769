using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Recipes;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Distillation;

/// <summary>
/// Views of every training image with the teachers' logits for exactly these pixels, made when they are first asked
/// for. "A good teacher is patient and consistent" (Beyer et al., 2022): the student sees what the teacher saw.
/// View 0 is the image itself.
/// </summary>
public sealed class AugmentationCache(DigitSet train, IReadOnlyList<TeacherNetwork> teachers, TrainingOptions options)
{
    private readonly AugmentedSet?[] _views = new AugmentedSet?[options.Views];

    /// <summary>All images in one view.</summary>
    public AugmentedSet this[int view] => _views[view] ??= Make(view);

    private AugmentedSet Make(int number)
    {
        var view = new AugmentedSet(new byte[train.Pixels.Length], new float[train.Count * ModelContract.Classes]);
        int share = (train.Count + options.Threads - 1) / options.Threads;
        Parallel.For(0, options.Threads, new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, worker =>
        {
            set_num_threads(1);
            int first = Math.Min(worker * share, train.Count);
            int end = Math.Min(first + share, train.Count);
            MakePixels(number, first, end, view.Pixels);
            ReadOnlySpan<byte> pixels =
                view.Pixels.AsSpan(first * RowSequence.Length, (end - first) * RowSequence.Length);
            TeacherNetwork.Logits(teachers, pixels).CopyTo(view.Logits, first * ModelContract.Classes);
        });
        return view;
    }

    private void MakePixels(int number, int first, int end, byte[] pixels)
    {
        var augmentation = new Augmentation();
        for (int index = first; index < end; index++)
        {
            Span<byte> pixelsOfView = pixels.AsSpan(index * RowSequence.Length, RowSequence.Length);
            if (number == 0)
            {
                train.Image(index).CopyTo(pixelsOfView);
                continue;
            }

            var random = new CounterRandom(options.RandomSeed, RandomPurpose.StudentViews, number, index);
            augmentation.MakeView(train.Image(index), pixelsOfView, (float)options.PictureShare, random);
        }
    }
}
