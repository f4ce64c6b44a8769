using System.Diagnostics;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Operations;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared;
using MnistLstm.Shared.Imaging;

namespace MnistLstm.Api.Predictions;

/// <summary>Bytes of a picture file → the rows that the network reads.</summary>
public sealed class PictureReader(ServiceOptions options) : IDisposable
{
    /// <summary>A huge picture takes 200 MB for a moment; reading more of them at once would answer none of them sooner.</summary>
    private const int PicturesPerWorker = 2;

    private readonly SemaphoreSlim _turns = new(PicturesPerWorker * options.Workers);

    /// <summary>Waits until few enough pictures are being read.</summary>
    /// <param name="deadline">As <see cref="Stopwatch.GetTimestamp"/> counts.</param>
    /// <returns>A turn that is not given if the deadline came first.</returns>
    public ValueTask<PictureTurn> EnterAsync(long deadline) =>
        _turns.Wait(millisecondsTimeout: 0) ? new ValueTask<PictureTurn>(new PictureTurn(_turns)) : WaitAsync(deadline);

    public void Dispose() => _turns.Dispose();

    /// <summary>Decodes and normalises one picture.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="pixels">[28, 28], receives what the network sees: 0 = paper, 255 = ink.</param>
    /// <param name="inference">Receives the same as intensities, and whether there was another figure.</param>
    /// <param name="n">Which of its images.</param>
    /// <param name="times">Decode and normalise are added to.</param>
    /// <returns>What is wrong with the picture; null if all is well.</returns>
    public Problem? Read(ReadOnlySpan<byte> file, Span<byte> pixels, InferenceRequest inference, int n, ref StepTimes times)
    {
        long startedAt = Stopwatch.GetTimestamp();
        ImageProblem problem = ImageDecoder.Decode(file, options.ImageLimits, out GrayImage? image);
        long decodedAt = Stopwatch.GetTimestamp();
        TimeSpan decode = Stopwatch.GetElapsedTime(startedAt, decodedAt);
        times.Decode += decode;
        if (image is null)
        {
            ServiceMetrics.Read(decode, normalize: null);
            return Describe(problem);
        }

        NormalizedDigit digit;
        using (image)
        {
            digit = DigitNormalizer.Normalize(image, pixels);
        }

        RowSequence.FromPixels(pixels, inference.Rows(n));
        inference.IsAlone(n) = digit.IsAlone;
        TimeSpan normalize = Stopwatch.GetElapsedTime(decodedAt);
        times.Normalize += normalize;
        ServiceMetrics.Read(decode, normalize);
        return digit.HasInk
            ? null
            : ProblemType.NoInk.Because("The picture is blank.");
    }

    private Problem Describe(ImageProblem problem) => problem switch
    {
        ImageProblem.TooManyPixels => ProblemType.TooManyPixels.Because(
            $"The picture's header announces more than {options.ImageLimits.MaxPixels} pixels or a side over {options.ImageLimits.MaxSide}."),
        ImageProblem.Damaged => ProblemType.DamagedImage.Because("The picture is damaged, cut off or empty."),
        _ => ProblemType.NotAnImage.Because("The file is none of the formats that are read."),
    };

    private async ValueTask<PictureTurn> WaitAsync(long deadline) =>
        new(await _turns.WaitAsync(Deadline.Left(deadline)) ? _turns : null);
}
