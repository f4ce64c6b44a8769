using Microsoft.Extensions.Configuration;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Operations;
using MnistLstm.Api.Predictions;

namespace MnistLstm.Api.Tests;

public sealed class PictureReaderTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly PictureReader _pictures = new(ServiceOptions.Read(new SettingReader(
        new ConfigurationBuilder().AddInMemoryCollection([new("workers", "1")]).Build())));

    public void Dispose() => _pictures.Dispose();

    [Fact]
    public async Task Two_pictures_a_worker_are_read_at_once_and_the_next_one_has_the_turn_of_the_first_that_is_done()
    {
        PictureTurn first = await _pictures.EnterAsync(Deadline.After(Patience));
        using PictureTurn second = await _pictures.EnterAsync(Deadline.After(Patience));
        ValueTask<PictureTurn> third = _pictures.EnterAsync(Deadline.After(Patience));

        third.IsCompleted.ShouldBeFalse();
        first.Dispose();

        using PictureTurn turn = await third;
        turn.IsGiven.ShouldBeTrue();
    }

    [Fact]
    public async Task Where_the_deadline_comes_first_no_turn_is_given_and_none_is_lost()
    {
        using (PictureTurn first = await _pictures.EnterAsync(Deadline.After(Patience)))
        using (PictureTurn second = await _pictures.EnterAsync(Deadline.After(Patience)))
        using (PictureTurn late = await _pictures.EnterAsync(Deadline.After(TimeSpan.Zero)))
        {
            late.IsGiven.ShouldBeFalse();
        }

        using PictureTurn one = await _pictures.EnterAsync(Deadline.After(TimeSpan.Zero));
        using PictureTurn two = await _pictures.EnterAsync(Deadline.After(TimeSpan.Zero));
        (one.IsGiven && two.IsGiven).ShouldBeTrue();
        using PictureTurn three = await _pictures.EnterAsync(Deadline.After(TimeSpan.Zero));
        three.IsGiven.ShouldBeFalse();
    }
}
