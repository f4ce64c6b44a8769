using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using MnistLstm.Api.Decoding;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Tests;

/// <summary>Pictures that are decoded at the same time take a bounded amount of memory together.</summary>
public sealed class DecodingBudgetTests
{
    private const long MiB = 1024 * 1024;

    /// <summary>A color picture of this many pixels takes 4 MiB.</summary>
    private static readonly ImageLimits Small = new(MaxPixels: MiB, MaxSide: 10_000);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Requests_wait_for_memory_in_order_of_arrival()
    {
        using var budget = new DecodingBudget(Small, availableBytes: 1024 * MiB);
        RateLimitLease first = budget.Wait(3 * MiB, CancellationToken.None)!;
        using RateLimitLease second = budget.Wait(MiB, CancellationToken.None)!;
        Task<RateLimitLease> third = await QueueAsync();
        Task<RateLimitLease> fourth = await QueueAsync();
        first.Dispose();

        using (RateLimitLease taken = await third.WaitAsync(Patience))
        {
            taken.IsAcquired.ShouldBeTrue();
            fourth.IsCompleted.ShouldBeFalse();
        }

        using RateLimitLease last = await fourth.WaitAsync(Patience);
        last.IsAcquired.ShouldBeTrue();

        // Returns once the thread waits for memory.
        async Task<Task<RateLimitLease>> QueueAsync()
        {
            var lease = new TaskCompletionSource<RateLimitLease>();
            var thread = new Thread(() => lease.SetResult(budget.Wait(3 * MiB, CancellationToken.None)!))
            {
                IsBackground = true,
            };
            thread.Start();
            await ServiceProcess.EventuallyAsync(() => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
            return lease.Task;
        }
    }

    [Fact]
    public void A_canceled_wait_ends_and_acquires_nothing()
    {
        using var budget = new DecodingBudget(Small, availableBytes: 1024 * MiB);
        using (budget.Wait(4 * MiB, CancellationToken.None))
        {
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
            Should.Throw<OperationCanceledException>(() => budget.Wait(1, stop.Token));
        }

        budget.Wait(4 * MiB, CancellationToken.None)!.Dispose();
    }

    [Theory]
    [InlineData(1024, 192)]
    [InlineData(768, 192)]
    [InlineData(400, 100)]
    public void The_budget_holds_the_largest_color_picture_or_a_quarter_of_the_memory_if_that_is_less(
        long availableMiB, long limitMiB)
    {
        using var budget = new DecodingBudget(ImageLimits.Default, availableMiB * MiB);

        budget.FindProblem(limitMiB * MiB).ShouldBeNull();
        budget.FindProblem((limitMiB * MiB) + 1).ShouldBe(
            $"Decoding the picture takes {(limitMiB * 1024) + 1} KiB of memory; "
            + $"the limit is {limitMiB * 1024} KiB.");
    }

    [Fact]
    public async Task A_picture_that_takes_more_than_all_of_the_memory_is_rejected()
    {
        await using RunningService service = await RunningService.StartAsync("--max-pixels", "1500000");
        byte[] jpeg = PictureFiles.ProgressiveJpeg(150, 150, (_, _) => 200, components: 3);

        using HttpResponseMessage response =
            await service.Client.PostAsync("/predict", Requests.Raw(jpeg, "image/jpeg"));

        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await response.ReadJsonAsync()).GetProperty("detail").GetString().ShouldBe(
            "Decoding the picture takes 14063 KiB of memory; the limit is 5859 KiB. Send a smaller picture.");
    }

    [Fact]
    public async Task A_large_picture_is_not_decoded_before_there_is_memory_for_it()
    {
        await using RunningService service = await RunningService.StartAsync("--max-pixels", "2621440");
        DecodingBudget budget = service.Services.GetRequiredService<PictureReader>().Budget;
        RateLimitLease all = budget.Wait(10 * MiB, CancellationToken.None)!;
        byte[] jpeg = PictureFiles.ProgressiveJpeg(
            150, 150, (x, y) => (byte)(x is > 60 and < 90 && y is > 30 and < 120 ? 0 : 255));

        Task<HttpResponseMessage> answer = service.Client.PostAsync("/predict", Requests.Raw(jpeg, "image/jpeg"));

        (await Task.WhenAny(answer, Task.Delay(TimeSpan.FromSeconds(1)))).ShouldNotBe(answer);
        all.Dispose();
        using HttpResponseMessage response = await answer;
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
