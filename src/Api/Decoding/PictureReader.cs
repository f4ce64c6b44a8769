using System.Diagnostics;
using System.Threading.RateLimiting;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Models;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Api.Decoding;

/// <summary>Bytes of a picture file → candidates for the digit in it.</summary>
public sealed class PictureReader(ServiceOptions options) : IDisposable
{
    /// <summary>More concurrent pictures would not be answered any sooner.</summary>
    private const int PicturesPerWorker = 2;

    /// <summary>Limit for cheap pictures: a PNG of this size takes about 12 ms to read, a JPEG 2 ms.</summary>
    private const long ShortPixels = 1024 * 1024;

    /// <summary>Limit for cheap bodies: URL-encoded text of this size takes about 7 ms to parse.</summary>
    public const int ShortBytes = 1024 * 1024;

    private readonly SemaphoreSlim _slots = new(PicturesPerWorker * options.Workers);
    private readonly SemaphoreSlim _expensiveSlots = new(options.Workers);
    private readonly DedicatedThreadPool _threads = new(options.Workers);

    /// <summary>The memory for decoding expensive pictures.</summary>
    public DecodingBudget Budget { get; } = new(options.ImageLimits);

    /// <summary>Whether reading this many pixels is expensive.</summary>
    public static bool IsExpensive(long pixels) => pixels > ShortPixels;

    /// <summary>Whether parsing a body of this size is expensive.</summary>
    public static bool IsExpensive(ReadOnlyMemory<byte> body) => body.Length > ShortBytes;

    /// <summary>Width times height from a picture's header; 0 for a picture that will not be decoded.</summary>
    public long CountPixels(in ImageHeader header) =>
        options.ImageLimits.Check(header) == ImageProblem.None ? header.Pixels : 0;

    /// <summary>Checks the total size of the pictures of one request.</summary>
    /// <param name="pixels">Total pixels of all pictures.</param>
    /// <returns>A sentence that names the problem, or null if there is none.</returns>
    public string? FindPixelProblem(long pixels) => pixels <= options.MaxRequestPixels
        ? null
        : $"The pictures have {pixels} pixels together; the limit for one request is {options.MaxRequestPixels}.";

    /// <summary>Waits for a decode slot.</summary>
    /// <param name="isExpensive">
    /// Whether the work is expensive: such work has its own slots and threads, so that cheap work does not wait for it.
    /// </param>
    /// <param name="deadline">A timestamp of <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="clientLeft">Canceled when the client hangs up.</param>
    /// <returns>A decode slot; not acquired if the deadline passed first.</returns>
    public ValueTask<DecodeSlot> EnterAsync(bool isExpensive, long deadline, CancellationToken clientLeft)
    {
        SemaphoreSlim slots = isExpensive ? _expensiveSlots : _slots;
        return slots.Wait(millisecondsTimeout: 0, clientLeft)
            ? new ValueTask<DecodeSlot>(Begin(slots, isExpensive, deadline, clientLeft))
            : WaitAsync(slots, isExpensive, deadline, clientLeft);
    }

    /// <summary>Runs work in a decode slot.</summary>
    /// <param name="isExpensive">Whether the work is expensive.</param>
    /// <param name="state">Passed to the work.</param>
    /// <param name="work">Throws an <see cref="OperationCanceledException"/> once its token is canceled.</param>
    /// <param name="deadline">A timestamp of <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="clientLeft">Canceled when the client hangs up.</param>
    /// <returns>Expired if the deadline passed first.</returns>
    public async ValueTask<InferenceOutcome> RunAsync<T>(
        bool isExpensive, T state, Action<T, CancellationToken> work, long deadline, CancellationToken clientLeft)
    {
        await using DecodeSlot slot = await EnterAsync(isExpensive, deadline, clientLeft);
        if (!slot.IsAcquired)
        {
            return InferenceOutcome.Expired;
        }

        await slot.SwitchToDedicatedThread();
        try
        {
            work(state, slot.Stop);
            return InferenceOutcome.Computed;
        }
        catch (OperationCanceledException) when (!clientLeft.IsCancellationRequested)
        {
            return InferenceOutcome.Expired;
        }
    }

    /// <summary>Parses a body. An expensive one takes a decode slot, and is parsed on a dedicated thread.</summary>
    /// <param name="isExpensive">Whether parsing is expensive.</param>
    /// <param name="state">Passed to <paramref name="parse"/>.</param>
    /// <param name="parse">Returns the result, or the problem with the body.</param>
    /// <param name="deadline">A timestamp of <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="clientLeft">Canceled when the client hangs up.</param>
    public async ValueTask<(Problem? Problem, TResult? Result)> ParseAsync<TState, TResult>(
        bool isExpensive, TState state, Func<TState, (Problem? Problem, TResult? Result)> parse, long deadline,
        CancellationToken clientLeft)
    {
        await using DecodeSlot slot = isExpensive ? await EnterAsync(isExpensive, deadline, clientLeft) : default;
        await slot.SwitchToDedicatedThread();
        return isExpensive && (!slot.IsAcquired || Deadline.Remaining(deadline) == TimeSpan.Zero)
            ? (InferenceOutcome.Expired.ToProblem(), default)
            : parse(state);
    }

    public void Dispose()
    {
        _slots.Dispose();
        _expensiveSlots.Dispose();
        _threads.Dispose();
        Budget.Dispose();
    }

    /// <summary>Decodes a picture and proposes candidates for its digit.</summary>
    /// <param name="picture">The picture to decode.</param>
    /// <param name="rotation">Clockwise rotation in degrees: 0, 90, 180 or 270.</param>
    /// <param name="range">Which candidates to propose; the likeliest comes first.</param>
    /// <param name="proposals">Receives the candidates.</param>
    /// <param name="times">The times of decode and normalize are added to it.</param>
    /// <param name="stop">Cancels the work.</param>
    /// <returns>The problem with the picture, or null if there is none.</returns>
    /// <exception cref="OperationCanceledException">The work was canceled.</exception>
    public Problem? Read(
        RequestPicture picture,
        int rotation,
        Range range,
        List<Proposal> proposals,
        ref StageTimings times,
        CancellationToken stop)
    {
        ImageHeader header = picture.Header.Turn(rotation);
        Problem? problem = Decode(
            picture, header, ImageDecoder.OneDigitSide, ref times, stop, out GrayImage? image,
            out RateLimitLease? lease);
        using RateLimitLease? memory = lease;
        if (image is null)
        {
            return problem;
        }

        long startedAt = Stopwatch.GetTimestamp();
        int n = 0;
        using (image)
        {
            stop.ThrowIfCancellationRequested();
            var places = new DisplayedBox(image, header, rotation);
            foreach (DigitCandidate candidate in PictureNormalizer.Propose(picture.File, header, options.ImageLimits,
                image, stop))
            {
                if (n++ >= range.Start.Value)
                {
                    Region box = places.Find(candidate.Box);
                    proposals.Add(new Proposal(
                        picture, rotation, box == candidate.Box ? candidate : candidate with { Box = box }));
                }

                if (n == range.End.Value)
                {
                    break;
                }
            }
        }

        CountNormalized(startedAt, ref times);
        return n == 0 ? ProblemType.NoInk.WithDetail("The picture is blank.") : null;
    }

    /// <summary>Decodes a picture and proposes candidates for all its digits.</summary>
    /// <param name="picture">The picture to decode.</param>
    /// <param name="figures">Proposes the candidates.</param>
    /// <param name="times">The times of decode and normalize are added to it.</param>
    /// <param name="stop">Cancels the work.</param>
    /// <param name="places">Maps the boxes of candidates to the picture as displayed.</param>
    /// <returns>The problem with the picture, or null if there is none.</returns>
    /// <exception cref="OperationCanceledException">The work was canceled.</exception>
    public Problem? ReadFigures(
        RequestPicture picture, FigureReader figures, ref StageTimings times, CancellationToken stop,
        out DisplayedBox places)
    {
        places = default;
        Problem? problem = Decode(
            picture, picture.Header, ImageDecoder.DigitsSide, ref times, stop, out GrayImage? image,
            out RateLimitLease? lease);
        using RateLimitLease? memory = lease;
        if (image is null)
        {
            return problem;
        }

        long startedAt = Stopwatch.GetTimestamp();
        using (image)
        {
            stop.ThrowIfCancellationRequested();
            foreach (GrayImage view in PictureNormalizer.OtherViews(
                picture.File, picture.Header, options.ImageLimits, image, stop).Prepend(image).Skip(figures.BlankViews))
            {
                places = new DisplayedBox(view, picture.Header, rotation: 0);
                figures.Propose(view, stop);
                if (figures.Found > 0)
                {
                    break;
                }
            }
        }

        CountNormalized(startedAt, ref times);
        return figures.Found == 0 ? ProblemType.NoInk.WithDetail("The picture is blank.") : FindTooManyDigits(figures);
    }

    public Problem? FindTooManyDigits(FigureReader figures) => figures.Found <= options.MaxDigits
        ? null
        : ProblemType.TooManyDigits.WithDetail(
            $"The picture seems to have {figures.Found} digits; the limit is {options.MaxDigits}.");

    /// <param name="lease">The decoder's memory; dispose it when the file is decoded.</param>
    private Problem? Decode(
        RequestPicture picture,
        in ImageHeader header,
        int leastSide,
        ref StageTimings times,
        CancellationToken stop,
        out GrayImage? image,
        out RateLimitLease? lease)
    {
        stop.ThrowIfCancellationRequested();
        (image, lease) = (null, null);
        long bytes = IsExpensive(CountPixels(header)) ? header.DecodingBytes : 0;
        if (Budget.FindProblem(bytes) is { } tooLarge)
        {
            return ProblemType.TooManyPixels.WithDetail(tooLarge);
        }

        lease = Budget.Wait(bytes, stop);
        long startedAt = Stopwatch.GetTimestamp();
        ImageProblem problem;
        try
        {
            problem = ImageDecoder.Decode(picture.File.Span, header, options.ImageLimits, out image, leastSide, stop);
        }
        catch
        {
            lease?.Dispose();
            throw;
        }

        TimeSpan decode = Stopwatch.GetElapsedTime(startedAt);
        times.Decode += decode;
        ServiceMetrics.Decoded(decode);
        return image is null ? Describe(problem, picture.File.Span, header) : null;
    }

    private static void CountNormalized(long startedAt, ref StageTimings times)
    {
        TimeSpan normalize = Stopwatch.GetElapsedTime(startedAt);
        times.Normalize += normalize;
        ServiceMetrics.Normalized(normalize);
    }

    private Problem Describe(ImageProblem problem, ReadOnlySpan<byte> file, in ImageHeader header) => problem switch
    {
        ImageProblem.TooManyPixels => ProblemType.TooManyPixels.WithDetail(options.ImageLimits.Describe(header)),
        ImageProblem.TooManySegments => ProblemType.DamagedImage.WithDetail(
            $"The picture has more than {ImageHeader.MaxSegments} segments of metadata or frames."),
        ImageProblem.TooManyScans => ProblemType.DamagedImage.WithDetail(
            $"The JPEG has more than {ImageHeader.MaxScans} scans."),
        ImageProblem.Damaged => ProblemType.DamagedImage.WithDetail("The picture is damaged, cut off or empty."),
        _ => ProblemType.NotAnImage.WithDetail(ImageFormats.NameUnread(file) is { } name
            ? $"This is {name}."
            : "The format of the file is unknown."),
    };

    private async ValueTask<DecodeSlot> WaitAsync(
        SemaphoreSlim slots, bool isExpensive, long deadline, CancellationToken clientLeft) =>
        await slots.WaitAsync(Deadline.Remaining(deadline), clientLeft)
            ? Begin(slots, isExpensive, deadline, clientLeft)
            : default;

    /// <summary>Fills in an acquired slot.</summary>
    private DecodeSlot Begin(SemaphoreSlim slots, bool isExpensive, long deadline, CancellationToken clientLeft)
    {
        if (!isExpensive)
        {
            return new DecodeSlot(slots, threads: null, stop: null);
        }

        var stop = CancellationTokenSource.CreateLinkedTokenSource(clientLeft);
        stop.CancelAfter(Deadline.Remaining(deadline));
        return new DecodeSlot(slots, _threads, stop);
    }
}
