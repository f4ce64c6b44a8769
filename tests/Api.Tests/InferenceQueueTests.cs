using MnistLstm.Api.Batching;
using MnistLstm.Api.Models;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Tests;

public sealed class InferenceQueueTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly DigitClassifier _classifier = DigitClassifier.Load(Repository.PathOf("models", "seed.onnx"));

    public void Dispose() => _classifier.Dispose();

    [Fact]
    public async Task A_lone_request_is_computed_at_once()
    {
        using var queue = new InferenceQueue(_classifier, workers: 1, maxBatch: 8, maxWaitingImages: 8);
        using InferenceRequest request = Request(1);

        InferenceOutcome outcome = await queue.ClassifyAsync(request, Deadline.After(Patience), CancellationToken.None);

        outcome.ShouldBe(InferenceOutcome.Computed);
        Digit(request, 0).ShouldBe(GoldenSample.Digit);
        queue.WaitingImages.ShouldBe(0);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 1)]
    [InlineData(8, 1)]
    [InlineData(9, 1)]
    [InlineData(40, 1)]
    [InlineData(41, 3)]
    [InlineData(100, 3)]
    public async Task A_request_of_any_size_is_computed_in_the_order_of_its_images(int count, int workers)
    {
        using var queue = new InferenceQueue(_classifier, workers, maxBatch: 8, maxWaitingImages: 4);
        using InferenceRequest request = Request(count);
        for (int n = 0; n < count; n++)
        {
            // Each image is a little fainter than the one before, so that no two have the same logits.
            foreach (ref float intensity in request.Rows(n))
            {
                intensity *= 1 - (n / 100f);
            }
        }

        (await queue.ClassifyAsync(request, Deadline.After(Patience), CancellationToken.None))
            .ShouldBe(InferenceOutcome.Computed);

        using ClassifierBatch one = _classifier.CreateBatch(1);
        for (int n = 0; n < count; n++)
        {
            request.Rows(n).CopyTo(one.Rows(0));
            one.Run(1);
            request.Probabilities(n).ToArray().ShouldBe(one.Probabilities(0).ToArray(), tolerance: 1e-6);
            request.Logits(n).ToArray().ShouldBe(one.Logits(0).ToArray(), tolerance: 1e-4);
        }
    }

    [Fact]
    public async Task Requests_from_many_threads_each_get_their_own_answer()
    {
        using var queue = new InferenceQueue(_classifier, workers: 2, maxBatch: 8, maxWaitingImages: 100_000);

        await Parallel.ForAsync(0, 2_000, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, _) =>
        {
            using InferenceRequest request = Request(i % 100 == 99 ? 50 : 1 + (i % 3));
            bool blank = i % 2 == 0;
            if (blank)
            {
                request.Rows(0).Clear();
            }

            (await queue.ClassifyAsync(request, Deadline.After(Patience), CancellationToken.None))
                .ShouldBe(InferenceOutcome.Computed);

            for (int n = 1; n < request.Count; n++)
            {
                Digit(request, n).ShouldBe(GoldenSample.Digit);
            }

            (request.Probabilities(0)[GoldenSample.Digit] > 0.5f).ShouldBe(!blank);
        });

        queue.WaitingImages.ShouldBe(0);
        await EventuallyAsync(() => queue.RunningImages == 0);
    }

    [Fact]
    public async Task A_request_whose_client_left_is_not_computed()
    {
        using var queue = new InferenceQueue(_classifier, workers: 1, maxBatch: 8, maxWaitingImages: 8);
        using InferenceRequest request = Request(1);

        InferenceOutcome outcome =
            await queue.ClassifyAsync(request, Deadline.After(Patience), new CancellationToken(canceled: true));

        outcome.ShouldBe(InferenceOutcome.Abandoned);
        queue.WaitingImages.ShouldBe(0);
        await EventuallyAsync(() => queue.RunningImages == 0);
    }

    [Fact]
    public async Task A_request_whose_deadline_passed_is_not_computed()
    {
        using var queue = new InferenceQueue(_classifier, workers: 1, maxBatch: 8, maxWaitingImages: 8);
        using InferenceRequest request = Request(1);

        InferenceOutcome outcome =
            await queue.ClassifyAsync(request, Deadline.After(TimeSpan.FromSeconds(-1)), CancellationToken.None);

        outcome.ShouldBe(InferenceOutcome.Expired);
        queue.WaitingImages.ShouldBe(0);
    }

    [Fact]
    public async Task A_full_queue_rejects_at_once_and_loses_no_request()
    {
        using var queue = new InferenceQueue(_classifier, workers: 1, maxBatch: 4, maxWaitingImages: 8);
        int computed = 0;
        int refused = 0;

        await Parallel.ForAsync(0, 2_000, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (_, _) =>
        {
            using InferenceRequest request = Request(4);
            InferenceOutcome outcome =
                await queue.ClassifyAsync(request, Deadline.After(Patience), CancellationToken.None);
            Interlocked.Increment(ref outcome == InferenceOutcome.QueueFull ? ref refused : ref computed);
            outcome.ShouldBeOneOf(InferenceOutcome.Computed, InferenceOutcome.QueueFull);
        });

        (computed + refused).ShouldBe(2_000);
        computed.ShouldBeGreaterThan(0);
        queue.WaitingImages.ShouldBe(0);
        await EventuallyAsync(() => queue.RunningImages == 0);
    }

    [Fact]
    public async Task A_full_queue_says_so_before_a_picture_is_read()
    {
        using var queue = new InferenceQueue(_classifier, workers: 1, maxBatch: 4, maxWaitingImages: 12);
        using InferenceRequest large = Request(8_000);
        using InferenceRequest waiting = Request(6);
        queue.TryReject(13).ShouldBeFalse(); // nothing waits, so any number is taken

        Task<InferenceOutcome> first =
            queue.ClassifyAsync(large, Deadline.After(Patience), CancellationToken.None).AsTask();
        await EventuallyAsync(() => queue.RunningImages > 0);
        ValueTask<InferenceOutcome> second =
            queue.ClassifyAsync(waiting, Deadline.After(Patience), CancellationToken.None);
        long refusedBefore = queue.Statistics.Read().Steps.Fail.Count;

        queue.TryReject(6).ShouldBeFalse();
        queue.TryReject(7).ShouldBeTrue();
        queue.TryReject(4).ShouldBeFalse(); // of those that fit into a batch none waits
        queue.Statistics.Read().Steps.Fail.Count.ShouldBe(refusedBefore + 1);
        (await first).ShouldBe(InferenceOutcome.Computed);
        (await second).ShouldBe(InferenceOutcome.Computed);
        queue.TryReject(7).ShouldBeFalse();
    }

    [Fact]
    public async Task A_small_request_does_not_wait_for_all_of_a_large_one()
    {
        using var queue = new InferenceQueue(_classifier, workers: 1, maxBatch: 4, maxWaitingImages: 8);
        using InferenceRequest large = Request(8_000);
        using InferenceRequest small = Request(2);

        Task<InferenceOutcome> first =
            queue.ClassifyAsync(large, Deadline.After(Patience), CancellationToken.None).AsTask();
        (await queue.ClassifyAsync(small, Deadline.After(Patience), CancellationToken.None))
            .ShouldBe(InferenceOutcome.Computed);

        first.IsCompleted.ShouldBeFalse();
        (await first).ShouldBe(InferenceOutcome.Computed);
        Digit(small, 1).ShouldBe(GoldenSample.Digit);
        Digit(large, 7_999).ShouldBe(GoldenSample.Digit);
        queue.Statistics.Read().Images.ShouldBe(8_002);
    }

    [Fact]
    public async Task A_large_request_whose_client_leaves_is_not_computed_to_its_end()
    {
        using var queue = new InferenceQueue(_classifier, workers: 2, maxBatch: 4, maxWaitingImages: 8);
        using InferenceRequest large = Request(8_000);
        using var client = new CancellationTokenSource();

        Task<InferenceOutcome> outcome = queue.ClassifyAsync(large, Deadline.After(Patience), client.Token).AsTask();
        await EventuallyAsync(() => queue.Statistics.Read().Batches.Sum(batch => batch.ComputeInfer.Count) > 2);
        await client.CancelAsync();

        (await outcome).ShouldBe(InferenceOutcome.Abandoned);
        InferenceCounts counts = queue.Statistics.Read();
        counts.Batches.Sum(batch => batch.BatchSize * batch.ComputeInfer.Count).ShouldBeLessThan(8_000);
        (counts.Steps.Success.Count, counts.Steps.Fail.Count, counts.Images).ShouldBe((0, 1, 0));
        await EventuallyAsync(() => queue.RunningImages == 0);
    }

    private static InferenceRequest Request(int count)
    {
        InferenceRequest request = InferenceRequest.Rent(count);
        for (int n = 0; n < count; n++)
        {
            RowSequence.FromPixels(GoldenSample.Pixels, request.Rows(n));
        }

        return request;
    }

    private static int Digit(InferenceRequest request, int n) =>
        System.Numerics.Tensors.TensorPrimitives.IndexOfMax(request.Probabilities(n));

    /// <summary>A worker puts its count right just after it has answered.</summary>
    private static async Task EventuallyAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), patience.Token);
        }
    }
}
